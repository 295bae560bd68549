//! How many connections the system lets the process have: each is an open file, and so is what the rest works with.

use std::fs;

/// The connections of one listener: as many as wanted, or three quarters of the files that may be open. The last
/// quarter is for databases, logs and other listeners. Beyond it, accepting would fail for everybody.
pub(super) fn connections(wanted: usize) -> usize {
    let capped = within(wanted, open_files());
    if capped < wanted {
        tracing::info!(
            connections = capped,
            "fewer connections than wanted: few files may be open (ulimit -n)"
        );
    }
    capped
}

fn within(wanted: usize, files: Option<usize>) -> usize {
    files.map_or(wanted, |files| wanted.min((files / 4 * 3).max(1)))
}

/// The soft limit of open files; `None` if there is none, or the system does not tell it here (only Linux does).
fn open_files() -> Option<usize> {
    soft_limit(&fs::read_to_string("/proc/self/limits").ok()?)
}

fn soft_limit(limits: &str) -> Option<usize> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: &str = "\
Limit                     Soft Limit           Hard Limit           Units     \n\
Max processes             63432                63432                processes \n\
Max open files            300                  1048576              files     \n";

    #[test]
    fn http_02_connections_stay_below_the_open_files() {
        let files = soft_limit(LIMITS);
        assert_eq!(files, Some(300));
        assert_eq!(within(10_000, files), 225);
        assert_eq!(within(100, files), 100);
        assert_eq!(within(10_000, Some(0)), 1);
        assert_eq!(within(10_000, soft_limit(&LIMITS.replace("300", "unlimited"))), 10_000);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_has_a_limit_that_can_be_read() {
        let line = fs::read_to_string("/proc/self/limits").unwrap();
        assert_eq!(open_files().is_none(), line.contains("Max open files            unlimited"));
    }
}
