//! A bounded pool of connections that read.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::connection::Connection;
use super::file::File;
use crate::db::{Error, Options, Result};

pub(super) struct Readers {
    file: Arc<File>,
    /// One for each connection that may be in use. Waiting for one blocks no thread.
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<Connection>>,
    deadline: Duration,
}

impl Readers {
    pub(super) fn new(file: Arc<File>, options: &Options) -> Self {
        let permits = Arc::new(Semaphore::new(options.connections.max(1)));
        Self { file, permits, idle: Mutex::default(), deadline: options.deadline }
    }

    /// The right to use one connection.
    pub(super) async fn permit(&self) -> Result<OwnedSemaphorePermit> {
        if let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() {
            return Ok(permit);
        }
        let permit = timeout(self.deadline, Arc::clone(&self.permits).acquire_owned());
        permit.await.map_err(|_| Error::Busy)?.map_err(|_| super::closed())
    }

    /// Runs `read` on a connection, which is kept afterwards unless it may be at fault.
    pub(super) fn run<T>(
        &self,
        _permit: OwnedSemaphorePermit,
        read: impl FnOnce(&mut Connection) -> Result<T>,
    ) -> Result<T> {
        self.file.must_stand()?;
        let idle = self.idle.lock().pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => Connection::reader(&self.file)?,
        };
        let result = connection.timed(self.deadline, read);
        if !matches!(result, Err(Error::Corrupt(_) | Error::Unavailable(_))) && !self.permits.is_closed() {
            self.idle.lock().push(connection);
        }
        result
    }

    pub(super) fn close(&self) {
        self.permits.close();
        self.idle.lock().clear();
    }
}
