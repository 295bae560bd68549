//! Waiting for guards: commands that take rights away say whether every connected one has confirmed.

use tokenry_engine::manage::{Announced, Manager};

use super::Global;
use crate::failure::Result;
use crate::output::Thing;

/// Waits for the guards and prints a thing with `propagated`; then says what was done, and what it means if not every
/// guard has confirmed.
pub(crate) async fn report(
    global: &Global,
    manager: &Manager,
    announced: &Announced,
    thing: Thing,
    done: &str,
) -> Result {
    let propagated = manager.propagated(announced).await;
    global.output.thing(&thing.with("propagated", propagated))?;
    global.say(done);
    if !propagated {
        global.say(
            "Not every connected guard has confirmed within a second. A guard that is cut off learns it when it is \
             back; until then it may take tokens that it knows, at the latest until they expire.",
        );
    }
    Ok(())
}

/// What is printed of a thing that is no more.
pub(crate) fn deleted(id: &str) -> Thing {
    Thing::new().with("id", id).with("deleted", true)
}
