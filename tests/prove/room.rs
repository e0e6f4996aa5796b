//! Looks at what is there after a command: does anything wait, or is anybody left out, though there
//! is room?

use postroom_core::{
    Address, CopyState, CopyView, Engine, OnFull, Overflow, Placement, PlacementOutcome, Published,
    QueueId, Reply,
};

use crate::drive::Outcome;

type Found = Result<(), String>;

/// Who refuses what it has no room for is never left out of a fan-out.
pub(crate) fn check_placements(engine: &Engine, outcome: &Outcome) -> Found {
    match &outcome.reply {
        Ok(Reply::Published(published)) => left_out(engine, published),
        Ok(Reply::PublishedEach(each)) => {
            each.iter().flatten().try_for_each(|published| left_out(engine, published))
        }
        _ => Ok(()),
    }
}

/// No dead copy waits for room that is there.
pub(crate) fn check_blocked(engine: &Engine) -> Found {
    let numbers = (0..).map(QueueId::new);
    for queue in numbers.take_while(|queue| engine.queue_config(*queue).is_some()) {
        if engine.queue_stats(queue).is_some_and(|stats| stats.blocked > 0) {
            check_dead_of(engine, queue)?;
        }
    }
    Ok(())
}

fn check_dead_of(engine: &Engine, queue: QueueId) -> Found {
    let dead = engine.queue_config(queue).and_then(|config| config.dead_letters);
    let dead = dead.ok_or_else(|| format!("{queue:?} has no dead letters to wait for"))?;
    let config = engine.queue_config(dead).copied().unwrap_or_default();
    // What drops its oldest has as much room as what it must keep leaves.
    let drops = config.overflow == Overflow::DropOldest;
    let is_blocked = |view: &CopyView| matches!(view.state, CopyState::Blocked { .. });
    let is_kept = |view: &CopyView| {
        !drops || is_blocked(view) || matches!(view.state, CopyState::InFlight { .. })
    };
    let there = engine.peek(dead, 0, u32::MAX);
    let kept = there.iter().filter(|view| is_kept(view));
    let (copies, bytes) = kept.fold((0, 0), |(n, sum), view| (n + 1, sum + view.message.bytes()));
    // Which of them is the next is not shown: the largest that it can be.
    let waiting = engine.peek(queue, 0, u32::MAX);
    let blocked = waiting.iter().filter(|view| is_blocked(view));
    let largest = blocked.map(|view| view.message.bytes()).max().unwrap_or_default();
    match copies < config.capacity && bytes + largest <= config.capacity_bytes {
        true => Err(format!("the dead of {queue:?} wait, and {dead:?} has room")),
        false => Ok(()),
    }
}

fn left_out(engine: &Engine, published: &Published) -> Found {
    let refuses = |queue: QueueId| match published.message.address {
        Address::Queue(_) => true,
        Address::Topic(topic) => engine
            .subscriptions(topic)
            .iter()
            .any(|one| one.queue == queue && one.on_full == OnFull::Refuse),
    };
    let is_left_out = |placement: &&Placement| {
        placement.outcome != PlacementOutcome::Queued && refuses(placement.queue)
    };
    match published.placements.iter().find(is_left_out) {
        Some(placement) => Err(format!("{placement:?} was to be refused as a whole")),
        None => Ok(()),
    }
}
