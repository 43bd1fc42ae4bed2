//! The benchmark: runs the comparisons and their servers, and measures time.

fn main() -> std::process::ExitCode {
    bench::run(None)
}
