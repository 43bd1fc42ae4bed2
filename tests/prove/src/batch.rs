//! `prove batch`: the command `kyc verify --batch` answers everybody and pays nothing twice, though vendors fail and it is killed; its
//! memory and its sockets are bounded; and it stays within the one rate limit that a vendor states.

mod people;
mod process;
mod vendors;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};
use comfy_table::{Table, presets::ASCII_MARKDOWN};
use kyc_core::{Clock as _, SystemClock};

use people::Folder;
use process::{Ended, Most, Running};
use vendors::Vendors;

/// How many cases run at the same time.
const CONCURRENCY: usize = 64;
/// Those of each client are reused: one for each case that is sending, and those of the signals and the runtime.
const MAX_SOCKETS: usize = 2 * CONCURRENCY + 16;
/// How much the memory may grow after the first applicants: by the store's caches, which are full only when its file is larger than
/// they are (16 MiB for writing, 2 MiB for each of four readers), and by what the allocator keeps.
const MAX_GROWTH_KIB: u64 = (16 + 4 * 2 + 4) * 1024;
const KILLS: usize = 3;
/// How many of a hundred requests meet a fault.
const FAULTS: u64 = 5;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Within a minute: fewer applicants, and without optimisation.
    #[arg(long)]
    short: bool,
    /// How many applicants: 10,000 by default, and 500 in the short form.
    #[arg(long)]
    people: Option<usize>,
}

pub(crate) fn run(args: &Args) -> Result<Vec<String>> {
    let people = args.people.unwrap_or(if args.short { 500 } else { 10_000 });
    let limited = if args.short { 12 } else { 200 };
    ensure!(people >= 100, "fewer than 100 applicants prove nothing");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut faults = runtime.block_on(kills(people))?;
    faults.extend(runtime.block_on(within_the_limit(limited))?);
    if faults.is_empty() {
        println!(
            "verdict: held; everybody was answered once, nothing was paid twice, memory and sockets were bounded, no 429"
        );
    }
    Ok(faults)
}

/// Kills the command three times, while faults are met.
async fn kills(people: usize) -> Result<Vec<String>> {
    let vendors = Vendors::start(FAULTS).await?;
    let folder = Folder::new(people, people::TWO_VENDORS)?;
    let mut runs =
        table(["ended", "took", "results", "memory at the start", "memory at most", "sockets at most"]);
    let began = SystemClock.elapsed();
    let mut sockets = 0;
    // The last process has most of the applicants, so that its memory is seen over them.
    for _ in 0..KILLS {
        let mut running = Running::start(&folder, &vendors, CONCURRENCY)?;
        let started = SystemClock.elapsed();
        let ended = running.watch(people / 10, Some(people * 8 / 100)).await?;
        ensure!(matches!(ended, Ended::Killed), "it ended before it was killed");
        sockets = sockets.max(running.most.sockets);
        row(&mut runs, "killed", started, &folder, &running.most);
    }
    let mut running = Running::start(&folder, &vendors, CONCURRENCY)?;
    let started = SystemClock.elapsed();
    let ended = running.watch(people / 10, None).await?;
    sockets = sockets.max(running.most.sockets);
    row(&mut runs, "done", started, &folder, &running.most);
    let took = SystemClock.elapsed().saturating_sub(began);
    println!(
        "{people} applicants at two vendors, {FAULTS} % of the requests meet a fault, killed {KILLS} times\n\n{runs}\n"
    );
    let mut faults = judge(people, &folder, &vendors, took)?;
    if !matches!(ended, Ended::Exit(0 | 9)) {
        faults.push(format!("the last run ended with {ended:?}: {}", folder.last_words()));
    }
    let (first, last) = (running.most.first_kib, running.most.memory_kib);
    let growth = 100.0 * (last as f64 / first.max(1) as f64 - 1.0);
    println!("memory after the first tenth: {first} KiB, at most {last} KiB afterwards ({growth:+.1} %)\n");
    if last > first + MAX_GROWTH_KIB {
        faults.push(format!("the memory grew by {growth:.1} %"));
    }
    if sockets > MAX_SOCKETS {
        faults.push(format!("{sockets} sockets"));
    }
    Ok(faults)
}

fn row(table: &mut Table, ended: &str, started: Duration, folder: &Folder, most: &Most) {
    table.add_row([
        ended.to_owned(),
        format!("{:.1} s", SystemClock.elapsed().saturating_sub(started).as_secs_f64()),
        folder.lines().to_string(),
        format!("{} KiB", most.first_kib),
        format!("{} KiB", most.memory_kib),
        most.sockets.to_string(),
    ]);
}

fn table<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header(header);
    table
}

/// Compares the results with what the vendors counted.
fn judge(people: usize, folder: &Folder, vendors: &Vendors, took: Duration) -> Result<Vec<String>> {
    let results = folder.results()?;
    let states = results.rows.values().fold(BTreeMap::<_, usize>::new(), |mut states, row| {
        *states.entry(row.state.as_str()).or_default() += 1;
        states
    });
    let (reported, uncertain) = results
        .rows
        .values()
        .fold((0, 0), |(paid, uncertain), row| (paid + row.paid, uncertain + row.uncertain));
    let counted = vendors.paid();
    let mut figures = table(["figure", "value"]);
    for (state, count) in &states {
        figures.add_row([(*state).to_owned(), count.to_string()]);
    }
    figures.add_row(["requests".to_owned(), vendors.requests().to_string()]);
    figures.add_row(["faults".to_owned(), vendors.faults().to_string()]);
    figures.add_row(["paid calls, as the vendors count them".to_owned(), counted.total.to_string()]);
    figures.add_row(["paid calls, as the results say".to_owned(), reported.to_string()]);
    figures.add_row(["of these uncertain".to_owned(), uncertain.to_string()]);
    figures.add_row(["paid twice".to_owned(), counted.twice.to_string()]);
    figures.add_row(["lines of results twice".to_owned(), results.twice.to_string()]);
    figures
        .add_row(["applicants per second".to_owned(), format!("{:.1}", people as f64 / took.as_secs_f64())]);
    println!("{figures}\n");
    let mut faults = Vec::new();
    let mut check = |holds: bool, fault: String| {
        if !holds {
            faults.push(fault);
        }
    };
    check(results.rows.len() == people, format!("{} of {people} have a result", results.rows.len()));
    check(results.twice == 0, format!("{} have two results", results.twice));
    check(counted.twice == 0, format!("{} calls were paid twice", counted.twice));
    let is_final = |row: &people::Row| ["approved", "refused", "review"].contains(&row.state.as_str());
    let open = results.rows.values().filter(|row| !is_final(row)).count();
    check(open == 0, format!("{open} are not decided"));
    // What is not uncertain is known exactly.
    let known = reported - uncertain;
    check(
        (known..=reported).contains(&counted.total),
        format!("the vendors count {} paid calls, the results {known} to {reported}", counted.total),
    );
    let approved = states.get("approved").copied().unwrap_or_default();
    check(approved * 10 >= people * 8, format!("only {approved} are approved: the proof shows little"));
    check(vendors.faults() > 0, "no fault was met".to_owned());
    Ok(faults)
}

/// Runs applicants at the vendor that states a limit.
async fn within_the_limit(people: usize) -> Result<Vec<String>> {
    let vendors = Vendors::start(0).await?;
    let folder = Folder::new(people, people::LIMITED_VENDOR)?;
    let mut running = Running::start(&folder, &vendors, 32)?;
    let began = SystemClock.elapsed();
    let ended = running.watch(people, None).await?;
    let (fullest, refused) = (vendors.fullest_window(), vendors.refused());
    println!(
        "{people} applicants at the vendor that allows 180 requests in 10 s: {:.1} s, {} requests, {} paid calls, at most {fullest} \
         requests in 10 s, {refused} answered with 429\n",
        SystemClock.elapsed().saturating_sub(began).as_secs_f64(),
        vendors.requests(),
        vendors.paid().total,
    );
    let mut faults = Vec::new();
    let results = folder.results()?;
    let approved = results.rows.values().filter(|row| row.state == "approved").count();
    if !matches!(ended, Ended::Exit(0)) || approved != people {
        faults.push(format!("{approved} of {people} are approved, {ended:?}: {}", folder.last_words()));
    }
    if refused > 0 {
        faults.push(format!("{refused} requests were answered with 429"));
    }
    Ok(faults)
}

/// The command, which `cargo xtask prove batch` builds beside this program.
fn command() -> Result<std::path::PathBuf> {
    let path = std::env::current_exe()?
        .with_file_name(Path::new("kyc").with_extension(std::env::consts::EXE_EXTENSION));
    ensure!(path.exists(), "the command is not built: cargo build --package kyc-cli");
    Ok(path)
}
