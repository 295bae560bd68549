//! The one thread that writes: it takes what waits, runs it in one transaction, and commits once for all.
//!
//! The rules of a group, which make "failed" mean "unchanged":
//!
//! 1. If the transaction cannot begin, no job runs, and all get the error. A locked database is waited for, as long
//!    as a job may wait.
//! 2. Each job runs inside a savepoint. If it fails, panics, waits for something else or takes too long, what it
//!    changed is rolled back to the savepoint.
//! 3. After each job the transaction must still be open. Some failures close it (no space, an interrupted write,
//!    `OR ROLLBACK`): then the whole group is rolled back, and nothing more runs in it.
//! 4. A failed commit fails every job, and is rolled back.
//! 5. Nobody gets an answer before the commit.
//!
//! A commit and its sync cost one job as much as a hundred. So a group that follows on a group of several waits for
//! more, as long as more keep coming and a few milliseconds at the most; a caller who writes alone waits for nobody.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};

use super::connection::{Connection, next_pause};
use super::file::File;
use super::job::Job;
use crate::db::{Error, Options, Result};

/// Jobs that one commit covers at most.
const GROUP: usize = 128;

/// How long a group takes in further jobs: the first one waits for the last.
const GROUP_TIME: Duration = Duration::from_millis(20);

/// How long a group waits for more jobs at the most: less than many requests that arrive at once take to get so far.
const GATHER_TIME: Duration = Duration::from_millis(5);

/// How long it waits for one more.
const GATHER_STEP: Duration = Duration::from_millis(1);

pub(super) enum Message {
    /// Ends what waits and then the thread.
    Close(oneshot::Sender<()>),
    Job(Box<dyn Job>),
    /// Tries whether the file can be written to.
    Probe(oneshot::Sender<Result<()>>),
}

pub(super) struct Writer {
    connection: Option<Connection>,
    file: Arc<File>,
    options: Options,
    queue: mpsc::Receiver<Message>,
    /// Jobs taken from the queue that have not begun.
    waiting: VecDeque<Box<dyn Job>>,
    /// What was taken from the queue and is not a job, for after the group.
    errands: Vec<Message>,
    /// Rows that the connection had changed by the last commit.
    changes: u64,
    /// Jobs that the last group had.
    last_group: usize,
}

impl Writer {
    /// Starts the thread. It ends when every sender is gone, or at [`Message::Close`].
    pub(super) fn start(file: Arc<File>, options: Options) -> Result<mpsc::Sender<Message>> {
        let connection = Some(Connection::writer(&file, options.max_pages)?);
        let (sender, queue) = mpsc::channel(options.queue.max(1));
        let mut writer = Self {
            connection,
            file,
            options,
            queue,
            waiting: VecDeque::new(),
            errands: Vec::new(),
            changes: 0,
            last_group: 0,
        };
        let thread = thread::Builder::new().name("sqlite-writer".to_owned());
        thread.spawn(move || writer.serve()).map_err(Error::unavailable)?;
        Ok(sender)
    }

    fn serve(&mut self) {
        while let Some(message) = self.queue.blocking_recv() {
            self.take(message);
            while !self.waiting.is_empty() {
                // Bodies cannot bring us here, their panics are caught; the drop of a result could.
                if catch_unwind(AssertUnwindSafe(|| self.group())).is_err() {
                    self.connection = None;
                }
            }
            for errand in std::mem::take(&mut self.errands) {
                self.run_errand(errand);
            }
        }
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Job(job) => self.waiting.push_back(job),
            errand => self.errands.push(errand),
        }
    }

    fn run_errand(&mut self, errand: Message) {
        match errand {
            Message::Close(done) => {
                self.queue.close();
                // Once more round the loop for what still waits; then the queue is at its end.
                while let Ok(message) = self.queue.try_recv() {
                    self.take(message);
                }
                while !self.waiting.is_empty() {
                    self.group();
                }
                self.connection = None;
                // An error means that the caller has gone.
                let _ = done.send(());
            }
            Message::Job(job) => self.waiting.push_back(job),
            Message::Probe(done) => {
                let _ = done.send(self.probe());
            }
        }
    }

    /// Runs one group, and answers its callers.
    fn group(&mut self) {
        self.gather();
        let mut begun = Vec::new();
        let mut result = self.begin().and_then(|()| self.run(&mut begun));
        if result.is_ok() && !begun.is_empty() {
            result = self.commit(begun.len());
        }
        if result.is_err() || begun.is_empty() {
            self.roll_back();
        }
        self.last_group = begun.len();
        for job in begun {
            job.finish(result.as_ref().map(drop));
        }
    }

    /// Waits for the company that the last group had.
    fn gather(&mut self) {
        self.fill();
        let end = Instant::now() + GATHER_TIME;
        let mut seen = 0;
        while self.last_group > 1
            && (seen + 1..GROUP).contains(&self.waiting.len())
            && self.errands.is_empty()
            && Instant::now() < end
        {
            seen = self.waiting.len();
            thread::sleep(GATHER_STEP);
            self.fill();
        }
    }

    /// Takes more jobs from the queue without waiting.
    fn fill(&mut self) {
        while self.waiting.len() < GROUP {
            match self.queue.try_recv() {
                Ok(message) => self.take(message),
                Err(_) => break,
            }
        }
    }

    /// Rule 1. After an error the jobs that waited have their answer.
    fn begin(&mut self) -> Result<()> {
        let mut pause = Duration::from_millis(1);
        loop {
            let error = match self.try_begin() {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            let busy = matches!(error, Error::Busy);
            let now = Instant::now();
            let (over, waiting) =
                self.waiting.drain(..).partition(|it| !busy || it.deadline() <= now + pause);
            self.waiting = waiting;
            fail(over, &error);
            self.file.wrote(Err(&error));
            if self.waiting.is_empty() {
                return Err(error);
            }
            thread::sleep(pause);
            pause = next_pause(pause);
        }
    }

    fn try_begin(&mut self) -> Result<()> {
        self.file.check()?;
        self.connection()?.control("BEGIN IMMEDIATE")
    }

    fn connection(&mut self) -> Result<&mut Connection> {
        if self.connection.is_none() {
            self.connection = Some(Connection::writer(&self.file, self.options.max_pages)?);
        }
        self.connection.as_mut().ok_or(Error::Aborted)
    }

    /// Rules 2 and 3. Jobs that arrive meanwhile join, within the group's size and time.
    fn run(&mut self, begun: &mut Vec<Box<dyn Job>>) -> Result<()> {
        let end = Instant::now() + GROUP_TIME;
        while begun.len() < GROUP && (begun.is_empty() || Instant::now() < end) {
            if self.waiting.is_empty() {
                self.fill();
            }
            let Some(mut job) = self.waiting.pop_front() else { break };
            if !job.begin() {
                continue;
            }
            if job.deadline() <= Instant::now() {
                job.finish(Err(&Error::Busy));
                continue;
            }
            let result = self.run_one(job.as_mut());
            begun.push(job);
            result?;
        }
        Ok(())
    }

    fn run_one(&mut self, job: &mut dyn Job) -> Result<()> {
        let limit = self.options.body_limit;
        let file = Arc::clone(&self.file);
        let connection = self.connection()?;
        connection.control("SAVEPOINT job")?;
        let result = job.run(connection, limit);
        if let Err(error) = result {
            file.wrote(Err(error));
        }
        if !connection.in_transaction() {
            return Err(neighbour());
        }
        if result.is_err() {
            connection.control("ROLLBACK TO job")?;
        }
        connection.control("RELEASE job")
    }

    /// Rule 4.
    fn commit(&mut self, jobs: usize) -> Result<()> {
        let connection = self.connection()?;
        let changes = connection.inner.total_changes();
        let result = connection.commit().map_err(|error| match error {
            // A deferred constraint, and whose it is cannot be told.
            error if jobs > 1 && !error.is_unavailable() => neighbour(),
            error => error,
        });
        if result.is_err() || changes > self.changes {
            self.changes = changes;
            self.file.wrote(result.as_ref().map(drop));
        }
        result
    }

    /// Ends a transaction that must not be committed. A connection on which that fails is thrown away.
    fn roll_back(&mut self) {
        if let Some(connection) = &self.connection
            && connection.in_transaction()
            && connection.control("ROLLBACK").is_err()
        {
            self.connection = None;
        }
    }

    fn probe(&mut self) -> Result<()> {
        let deadline = Instant::now() + self.options.deadline;
        let result = self.file.check().and_then(|()| {
            let connection = self.connection()?;
            connection.begin(deadline)?;
            connection.probe_write()?;
            connection.commit()
        });
        if result.is_err() {
            self.roll_back();
        }
        self.file.wrote(result.as_ref().map(drop));
        result
    }
}

/// The error of those who did nothing wrong.
fn neighbour() -> Error {
    Error::unavailable("another write failed and took its group with it")
}

/// Answers jobs that did not begin.
fn fail(jobs: VecDeque<Box<dyn Job>>, error: &Error) {
    for job in jobs {
        if job.begin() {
            job.finish(Err(error));
        }
    }
}
