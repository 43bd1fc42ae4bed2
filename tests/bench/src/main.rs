//! The benchmark: runs the comparisons and their servers, and measures time.

fn main() -> anyhow::Result<()> {
    bench::run(None)
}
