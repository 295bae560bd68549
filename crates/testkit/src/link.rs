//! A link between two parties of a test that can be cut, slowed down and put out of order.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

/// What becomes of the bytes on the link.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Weather {
    /// They pass.
    Clear,
    /// Connections end, and new ones end at once.
    Cut,
    /// They pass in order, this much later.
    Late(Duration),
    /// They pass, but connections on which a guard follows events end, and new ones end as soon as one asks for them.
    NoEvents,
    /// They vanish; connections stay open.
    Silent,
    /// What the target sends passes in pairs whose second half comes first.
    Swapped,
}

/// A TCP link on a port of its own. It ends when dropped.
#[derive(Debug)]
pub struct Link {
    /// Where it listens, as an origin: `http://127.0.0.1:PORT`.
    pub origin: String,
    weather: watch::Sender<Weather>,
    target: watch::Sender<Option<String>>,
    _tasks: JoinSet<()>,
}

impl Link {
    /// Opens a link that leads nowhere yet.
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let (weather, seen) = watch::channel(Weather::Clear);
        let (target, leads_to) = watch::channel(None);
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, leads_to, seen));
        Self { origin, weather, target, _tasks: tasks }
    }

    /// Lets it lead to `address`, a host and a port.
    pub fn leads_to(&self, address: &str) {
        self.target.send_replace(Some(address.to_owned()));
    }

    /// Changes the weather, for open connections too.
    pub fn turn(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }
}

async fn accept(
    listener: TcpListener,
    target: watch::Receiver<Option<String>>,
    weather: watch::Receiver<Weather>,
) {
    let mut connections = JoinSet::new();
    while let Ok((near, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        let address = target.borrow().clone();
        let Some(address) = address.filter(|_| *weather.borrow() != Weather::Cut) else { continue };
        let weather = weather.clone();
        connections.spawn(async move {
            let Ok(far) = TcpStream::connect(address).await else { return };
            let _smaller_pieces = (near.set_nodelay(true), far.set_nodelay(true));
            let ((near_read, near_write), (far_read, far_write)) = (near.into_split(), far.into_split());
            let events = watch::Sender::new(false);
            let cut = cut(weather.clone(), events.subscribe());
            tokio::select! {
                () = carry(near_read, far_write, weather.clone(), Direction::There(&events)) => {}
                () = carry(far_read, near_write, weather, Direction::Back) => {}
                () = cut => {}
            }
        });
    }
}

#[derive(Clone, Copy)]
enum Direction<'a> {
    Back,
    /// Says whether a guard asked for events.
    There(&'a watch::Sender<bool>),
}

impl Direction<'_> {
    fn saw(self, piece: &[u8]) {
        const EVENTS: &[u8] = b"GET /guard/v1/events";
        if let Self::There(events) = self
            && piece.windows(EVENTS.len()).any(|window| window == EVENTS)
        {
            events.send_replace(true);
        }
    }
}

/// Returns once the weather no longer lets the connection be.
async fn cut(mut weather: watch::Receiver<Weather>, mut events: watch::Receiver<bool>) {
    loop {
        let (weather_now, has_events) = (*weather.borrow_and_update(), *events.borrow_and_update());
        if weather_now == Weather::Cut || weather_now == Weather::NoEvents && has_events {
            return;
        }
        tokio::select! {
            changed = weather.changed() => if changed.is_err() { return },
            _ = events.changed() => {}
        }
    }
}

/// Carries pieces one way until either end closes. Each is sent when it is due, and none before one that came earlier.
async fn carry(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    weather: watch::Receiver<Weather>,
    direction: Direction<'_>,
) {
    let mut waiting: VecDeque<(Instant, Vec<u8>)> = VecDeque::new();
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let due = waiting.front().map(|(due, _)| *due);
        tokio::select! {
            read = from.read(&mut buffer) => {
                let Ok(count @ 1..) = read else { break };
                let mut piece = buffer[..count].to_vec();
                direction.saw(&piece);
                let now = Instant::now();
                let weather = *weather.borrow();
                let due = match weather {
                    Weather::Clear | Weather::Cut | Weather::NoEvents => now,
                    Weather::Late(late) => now + late,
                    Weather::Silent => continue,
                    Weather::Swapped if matches!(direction, Direction::There(_)) => now,
                    Weather::Swapped => {
                        if let Ok(Ok(count @ 1..)) = timeout(Duration::from_secs(1), from.read(&mut buffer)).await {
                            piece.splice(0..0, buffer[..count].iter().copied());
                        }
                        Instant::now()
                    }
                };
                let earlier = waiting.back().map_or(due, |(due, _)| *due);
                waiting.push_back((due.max(earlier), piece));
            }
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                if let Some((_, piece)) = waiting.pop_front()
                    && to.write_all(&piece).await.is_err()
                {
                    break;
                }
            }
        }
    }
}
