//! What every server does for the audit trail between requests: seals, removes what is old, and tries again after a failure.

use std::convert::Infallible;
use std::time::Duration;

use tokenry_model::{Actor, Event, Record};
use tokio::time::{MissedTickBehavior, interval};

use crate::engine::Engine;

/// How often rows are sealed.
const SEAL_EVERY: Duration = Duration::from_secs(1);
/// How often old rows are removed, in ticks: once an hour, the first time after a minute.
const TICKS_A_REMOVAL: u32 = 3_600;
const FIRST_REMOVAL: u32 = 60;

impl Engine {
    /// Looks after the trail for as long as this is polled.
    pub(crate) async fn tend_audit(&self) -> Infallible {
        let mut ticks = interval(SEAL_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut failing = false;
        let mut tick = 0_u32;
        loop {
            ticks.tick().await;
            self.retry_audit().await;
            let sealed = self.sealer.lock().await.tick().await;
            match sealed {
                Ok(_rows) => failing = false,
                // Once a second would fill the log.
                Err(_) if failing => {}
                Err(error) => {
                    failing = true;
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "audit records cannot be sealed for now"
                    );
                }
            }
            if tick % TICKS_A_REMOVAL == FIRST_REMOVAL {
                self.remove_audit_when_due().await;
            }
            tick = tick.wrapping_add(1);
        }
    }

    /// Seals what is left when the process ends.
    pub(crate) async fn seal_last_audit(&self) {
        let sealed = self.sealer.lock().await.seal().await;
        if let Err(error) = sealed {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the last audit records are left for another server to seal"
            );
        }
    }

    /// After a record could not be written: whether one can be now. That it can is one.
    async fn retry_audit(&self) {
        let Some(since) = self.audit_health.failing_since() else { return };
        let record = Record::new(self.clock.now(), Event::AuditResumed, Actor::System, None)
            .with("failing_since", since.as_millis());
        if self.store.record(&[record]).await.is_ok() {
            self.audit_health.recovered();
            tracing::info!("audit records can be written again");
        }
    }

    async fn remove_audit_when_due(&self) {
        let Some(keep) = self.settings.audit_keep else { return };
        match self.remove_old_audit(keep).await {
            Ok(0) => {}
            Ok(rows) => tracing::info!(rows, "audit records were removed that had been kept long enough"),
            Err(error) => tracing::error!(
                error = &error as &dyn std::error::Error,
                "audit records that are old enough could not be removed"
            ),
        }
    }
}
