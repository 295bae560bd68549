//! The server's process, as Linux shows it to its own user and to root: found by the port that it listens on.

use std::fs;
use std::path::Path;

/// How many files the process named `tokenry` that listens on `port` may have open; `None` where that cannot be seen.
pub(super) fn open_files(port: u16) -> Option<u64> {
    let sockets: Vec<_> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .flat_map(|table| listening(&table, port))
        .map(|inode| format!("socket:[{inode}]"))
        .collect();
    let processes = fs::read_dir("/proc").ok()?.flatten().map(|entry| entry.path());
    let own = processes.filter(|process| is_ours(process)).find(|process| has_open(process, &sockets))?;
    limit(&fs::read_to_string(own.join("limits")).ok()?)
}

/// The inodes of the sockets that listen on `port`: <https://docs.kernel.org/networking/proc_net_tcp.html>.
fn listening(table: &str, port: u16) -> Vec<String> {
    const LISTEN: &str = "0A";
    let inode = |line: &str| {
        let fields: Vec<_> = line.split_whitespace().collect();
        let (_address, hex) = fields.get(1)?.rsplit_once(':')?;
        let is_it = u16::from_str_radix(hex, 16).ok()? == port && *fields.get(3)? == LISTEN;
        is_it.then(|| fields.get(9).map(|inode| (*inode).to_owned())).flatten()
    };
    table.lines().skip(1).filter_map(inode).collect()
}

/// A socket that was handed over is open in systemd too.
fn is_ours(process: &Path) -> bool {
    fs::read_to_string(process.join("comm")).is_ok_and(|name| name.trim_end() == "tokenry")
}

fn has_open(process: &Path, sockets: &[String]) -> bool {
    let open = fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
    open.filter_map(|entry| fs::read_link(entry.path()).ok())
        .any(|link| sockets.iter().any(|socket| link.as_os_str() == socket.as_str()))
}

/// The soft limit; an unlimited one is the largest number.
fn limit(limits: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    match line.split_whitespace().next()? {
        "unlimited" => Some(u64::MAX),
        number => number.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_that_listen_are_told_from_those_that_talk() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
             0: 0100007F:21FC 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0\n\
             1: 0100007F:21FC 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0\n\
             2: 0100007F:21FD 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0\n\
             3: nonsense\n";
        assert_eq!(listening(table, 8_700), ["4711"]);
        assert_eq!(listening("", 8_700), Vec::<String>::new());
    }

    #[test]
    fn a_limit_is_read() {
        assert_eq!(limit("Max open files            1024  4096  files"), Some(1_024));
        assert_eq!(limit("Max open files            unlimited  unlimited  files"), Some(u64::MAX));
        assert_eq!(limit("Max processes             1 1 processes"), None);
    }
}
