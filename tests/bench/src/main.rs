//! The benchmark: conducts the comparisons, serves them, and measures time.

fn main() -> std::process::ExitCode {
    bench::run(None)
}
