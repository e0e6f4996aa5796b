//! Follows every copy by the events alone, and says where they, the replies and the counters
//! contradict each other. Numbers in the comments are those of the list of invariants in `main.rs`.

use std::collections::{BTreeMap, BTreeSet};

use postroom_core::{
    Backoff, Command, CopyState, Delivery, Engine, Event, Jitter, Machine, MessageId, NewMessage,
    Poison, Profile, Published, QueueConfig, QueueId, QueueStats, Reply, Settle, Span, Timestamp,
};

use crate::{
    drive::Outcome,
    room::{check_blocked, check_placements},
    script::Layout,
};

/// What the events say of one copy.
#[derive(Clone, Debug)]
struct Seen {
    arrival: u64,
    state: State,
    deliveries: u32,
    leases: Vec<u64>,
    until: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ready,
    Delayed,
    Held,
    Blocked,
}

/// What the events say of one queue.
#[derive(Clone, Debug)]
struct Tray {
    config: QueueConfig,
    copies: BTreeMap<MessageId, Vec<Seen>>,
    /// Ready, delayed, held, blocked.
    counts: [u64; 4],
    last_lease: u64,
    paused: bool,
    awake: bool,
}

/// What the events say of the whole engine.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    trays: Vec<Tray>,
    groups: BTreeMap<MessageId, String>,
    /// Copies that left a queue and have not arrived in the next.
    moving: Vec<(QueueId, MessageId)>,
    published: Option<MessageId>,
    /// Where an event may mean several copies of one message: two queues can have the same dead
    /// letters.
    blurred: BTreeSet<(QueueId, MessageId)>,
    /// Where that was ever so: which of them came first is not known.
    uncertain: BTreeSet<(QueueId, MessageId)>,
    arrivals: u64,
    now: Timestamp,
}

type Found = Result<(), String>;

impl Watch {
    pub(crate) fn new(layout: &Layout) -> Self {
        let tray = |config: &QueueConfig| Tray {
            config: *config,
            copies: BTreeMap::new(),
            counts: [0; 4],
            last_lease: 0,
            paused: false,
            awake: false,
        };
        Self {
            trays: layout.queues.iter().map(tray).collect(),
            groups: BTreeMap::new(),
            moving: Vec::new(),
            published: None,
            blurred: BTreeSet::new(),
            uncertain: BTreeSet::new(),
            arrivals: 0,
            now: Timestamp::ZERO,
        }
    }

    /// Takes in what one command did.
    pub(crate) fn see(&mut self, engine: &Engine, command: &Command, outcome: &Outcome) -> Found {
        if engine.now() < self.now {
            return Err("9: time went back".into());
        }
        self.now = engine.now();
        self.published = None;
        self.note_groups(command, outcome);
        for (at, event) in &outcome.events {
            if *at != self.now {
                return Err(format!("{event:?} bears the time {at:?}"));
            }
            self.fold(command, event).map_err(|text| format!("{event:?}: {text}"))?;
        }
        if let Some((queue, message)) = self.moving.pop() {
            return Err(format!("1: {message} left for {queue:?} and never came in"));
        }
        self.check_deliveries(outcome)?;
        check_placements(engine, outcome)?;
        self.look_again(engine);
        self.check_queues(engine, outcome)?;
        check_blocked(engine)?;
        match engine.next_deadline() {
            Some(at) if at <= self.now => Err(format!("8: something is overdue since {at:?}")),
            _ => Ok(()),
        }
    }

    /// Compares every copy with what the engine shows.
    pub(crate) fn sweep(&self, engine: &Engine) -> Found {
        for (number, tray) in self.trays.iter().enumerate() {
            let queue = QueueId::new(number as u32);
            let views = engine.peek(queue, 0, u32::MAX);
            let mut shown: Vec<(MessageId, State, u32)> =
                views.iter().map(|v| (v.message.id, state_of(v.state), v.deliveries)).collect();
            let mut seen: Vec<(MessageId, State, u32)> = Vec::new();
            for (message, copies) in &tray.copies {
                seen.extend(copies.iter().map(|copy| (*message, copy.state, copy.deliveries)));
            }
            let key = |copy: &(MessageId, State, u32)| (copy.0, copy.1 as u8, copy.2);
            shown.sort_by_key(key);
            seen.sort_by_key(key);
            if shown != seen {
                return Err(format!("1: {queue:?} holds {shown:?}, by its events {seen:?}"));
            }
            let stats = engine.queue_stats(queue).unwrap_or_default();
            let bytes: u64 = views.iter().map(|view| view.message.bytes()).sum();
            if stats.bytes != bytes {
                return Err(format!("23: {queue:?} counts {} bytes of {bytes}", stats.bytes));
            }
            if stats.oldest_enqueued_at != views.iter().map(|view| view.enqueued_at).min() {
                return Err(format!("{queue:?} is wrong about its oldest"));
            }
        }
        Ok(())
    }

    /// Whether this lease is somebody's now.
    pub(crate) fn is_held(&self, queue: QueueId, lease: u64) -> bool {
        self.trays.get(queue.number() as usize).is_some_and(|tray| {
            let held =
                |copy: &Seen| copy.state == State::Held && copy.leases.last() == Some(&lease);
            tray.copies.values().flatten().any(held)
        })
    }

    /// Whether this lease has been made longer than `now`.
    pub(crate) fn lasts(&self, queue: QueueId, lease: u64, now: Timestamp) -> bool {
        self.trays.get(queue.number() as usize).is_some_and(|tray| {
            let held =
                |copy: &Seen| copy.state == State::Held && copy.leases.last() == Some(&lease);
            tray.copies.values().flatten().any(|copy| held(copy) && copy.until > now)
        })
    }

    pub(crate) fn is_sqs(&self, queue: QueueId) -> bool {
        let tray = self.trays.get(queue.number() as usize);
        tray.is_some_and(|tray| tray.config.profile == Profile::Sqs)
    }

    /// Copies in all queues.
    pub(crate) fn depth(&self) -> u64 {
        self.trays.iter().map(|tray| tray.counts.iter().sum::<u64>()).sum()
    }

    fn note_groups(&mut self, command: &Command, outcome: &Outcome) {
        let mut note = |message: &NewMessage, published: &Published| {
            if let Some(group) = message.group.as_ref().filter(|_| !published.duplicate) {
                self.groups.entry(published.message).or_insert_with(|| group.clone());
            }
        };
        match (command, &outcome.reply) {
            (Command::Publish { message, .. }, Ok(Reply::Published(published))) => {
                note(message, published);
            }
            (Command::PublishBatch { messages, .. }, Ok(Reply::PublishedEach(each))) => {
                for (message, published) in messages.iter().zip(each) {
                    if let Ok(published) = published {
                        note(message, published);
                    }
                }
            }
            _ => {}
        }
    }

    fn fold(&mut self, command: &Command, event: &Event) -> Found {
        match *event {
            Event::Published { message, .. } => self.published = Some(message),
            Event::Enqueued { queue, message, due } => {
                self.moving.retain(|moving| *moving != (queue, message));
                let state = if due.is_some() { State::Delayed } else { State::Ready };
                self.arrivals += 1;
                let (deliveries, leases, until) = (0, Vec::new(), self.now);
                let seen = Seen { arrival: self.arrivals, state, deliveries, leases, until };
                self.tray(queue).counts[state as usize] += 1;
                self.tray(queue).copies.entry(message).or_default().push(seen);
            }
            Event::Matured { queue, message } => {
                self.turn(queue, message, State::Ready, |copy| copy.state == State::Delayed)?;
            }
            Event::Delivered { queue, message, lease, delivery } => {
                self.delivered(queue, message, lease.number(), delivery)?;
            }
            Event::RetryScheduled { queue, message, deliveries, due, .. } => {
                self.check_backoff(command, queue, deliveries, due)?;
                self.turn(queue, message, State::Delayed, |copy| copy.state == State::Held)?;
            }
            Event::Released { queue, message } => {
                let strict = self.tray(queue).config.profile == Profile::Strict;
                let copy =
                    self.turn(queue, message, State::Ready, |copy| copy.state == State::Held)?;
                copy.deliveries = copy.deliveries.saturating_sub(strict.into());
            }
            Event::LeaseExpired { queue, message, lease } => {
                let several = self.is_one_of_several(queue, message);
                let (now, ends) = (self.now, matches!(command, Command::Extend { .. }) || several);
                let copy = self.turn(queue, message, State::Ready, |copy| {
                    copy.state == State::Held && copy.leases.last() == Some(&lease.number())
                })?;
                if copy.until > now && !ends {
                    return Err(format!("6: its lease lasts until {:?}", copy.until));
                }
            }
            Event::LeaseExtended { queue, message, until, .. } => {
                let copy =
                    self.turn(queue, message, State::Held, |copy| copy.state == State::Held)?;
                copy.until = until;
            }
            _ => self.fold_departure(event)?,
        }
        Ok(())
    }

    /// What takes copies out of a queue, or keeps them there.
    fn fold_departure(&mut self, event: &Event) -> Found {
        match *event {
            Event::Acked { queue, message, lease } => {
                let lease = Some(lease.number());
                let holds =
                    |copy: &Seen| copy.state == State::Held && copy.leases.last().copied() == lease;
                let tray = self.tray(queue);
                let is_held = tray.copies.get(&message).is_some_and(|all| all.iter().any(holds));
                // That profile does not ask whether the lease was this copy's.
                let late = tray.config.profile == Profile::Sqs && !is_held;
                self.leave(queue, message, |copy| late || holds(copy))?;
            }
            Event::DeadLettered { queue, to, message, .. } => {
                self.leave_or_never_in(queue, message)?;
                self.moving.push((to, message));
            }
            Event::Redriven { queue, to, message } => {
                self.leave(queue, message, |copy| {
                    matches!(copy.state, State::Ready | State::Delayed)
                })?;
                self.moving.push((to, message));
            }
            Event::Blocked { queue, message, .. } => {
                self.turn(queue, message, State::Blocked, |copy| copy.state != State::Blocked)?;
            }
            Event::Discarded { queue, message, .. } => {
                let is_there = self.tray(queue).copies.contains_key(&message);
                let moves = |moving: &(QueueId, MessageId)| *moving == (queue, message);
                match self.moving.iter().position(moves).filter(|_| !is_there) {
                    Some(place) => _ = self.moving.remove(place),
                    None => self.leave_or_never_in(queue, message)?,
                }
            }
            Event::Paused { queue } => self.tray(queue).paused = true,
            Event::Resumed { queue } => self.tray(queue).paused = false,
            _ => {}
        }
        Ok(())
    }

    fn delivered(
        &mut self,
        queue: QueueId,
        message: MessageId,
        lease: u64,
        delivery: u32,
    ) -> Found {
        let group = self.groups.get(&message).cloned();
        self.check_group(queue, message, group.as_ref())?;
        let tray = self.tray(queue);
        if tray.paused {
            return Err("the queue is paused".into());
        }
        if lease <= std::mem::replace(&mut tray.last_lease, lease) {
            return Err("4: the lease is not newer than the one before".into());
        }
        let config = tray.config;
        let endless = group.is_some() && config.poison == Poison::Block;
        if delivery > config.max_deliveries && !endless {
            return Err(format!("7: of {} deliveries", config.max_deliveries));
        }
        let copy = self.turn(queue, message, State::Held, |copy| {
            copy.state == State::Ready && copy.deliveries + 1 == delivery
        })?;
        copy.deliveries = delivery;
        copy.leases.push(lease);
        let held = self.tray(queue).counts[State::Held as usize];
        if held > config.in_flight_max {
            return Err(format!("23: {held} copies are in flight"));
        }
        Ok(())
    }

    /// 11: in a strict queue nothing earlier of the group is there.
    fn check_group(&mut self, queue: QueueId, message: MessageId, group: Option<&String>) -> Found {
        let Some(group) = group else { return Ok(()) };
        let tray = &self.trays[queue.number() as usize];
        let of_group = tray.copies.iter().filter(|(id, _)| {
            self.groups.get(id) == Some(group) && !self.is_one_of_several(queue, **id)
        });
        let first = of_group
            .flat_map(|(id, copies)| copies.iter().map(move |copy| (copy.arrival, *id, copy.state)))
            .min_by_key(|(arrival, ..)| *arrival);
        let strict = tray.config.profile == Profile::Strict;
        let is_certain = !self.is_one_of_several(queue, message);
        match first {
            Some((_, id, state)) if strict && id != message && is_certain => {
                Err(format!("11: {id} of its group came before, and is {state:?}"))
            }
            _ => Ok(()),
        }
    }

    fn is_one_of_several(&self, queue: QueueId, message: MessageId) -> bool {
        let place = (queue, message);
        self.blurred.contains(&place) || self.uncertain.contains(&place)
    }

    /// 10: a wait that nobody asked for lies in the range of the backoff.
    fn check_backoff(
        &mut self,
        command: &Command,
        queue: QueueId,
        deliveries: u32,
        due: Timestamp,
    ) -> Found {
        let by_itself = |how: &Settle| matches!(how, Settle::Retry { delay: None, .. });
        let is_backoff = match command {
            Command::Settle { how, .. } => by_itself(how),
            Command::SettleBatch { settlements } => {
                settlements.iter().all(|(_, how)| by_itself(how))
            }
            _ => false,
        };
        let Backoff { base, cap, jitter, .. } = self.tray(queue).config.backoff;
        let whole = base.times(1 << (deliveries - 1).min(40)).min(cap).as_micros();
        let least = match jitter {
            Jitter::None => whole,
            Jitter::Equal => whole - whole / 2,
            Jitter::Full => 0,
        };
        let wait = due.since(self.now).as_micros();
        match is_backoff && !(least..=whole).contains(&wait) {
            true => Err(format!("10: it waits {wait} us, not {least} to {whole}")),
            false => Ok(()),
        }
    }

    /// What came with the deliveries themselves.
    fn check_deliveries(&mut self, outcome: &Outcome) -> Found {
        let Ok(Reply::Received(deliveries)) = &outcome.reply else { return Ok(()) };
        let now = self.now;
        for Delivery { receipt, message, lease_until, deadline, .. } in deliveries {
            if deadline.is_some_and(|deadline| deadline <= now) {
                return Err(format!("24: {} was delivered after its end", message.id));
            }
            if lease_until.is_some_and(|until| until <= now) {
                return Err(format!("{} was leased for no time", message.id));
            }
            let Some(until) = *lease_until else { continue };
            let copies = self.tray(receipt.queue()).copies.get_mut(&message.id);
            let lease = Some(&receipt.lease().number());
            let held = |copy: &&mut Seen| copy.leases.last().as_ref() == lease.as_ref();
            if let Some(copy) = copies.into_iter().flatten().find(held) {
                copy.until = until;
            }
        }
        Ok(())
    }

    /// Takes from the engine which of several copies of one message an event meant.
    fn look_again(&mut self, engine: &Engine) {
        for (queue, message) in std::mem::take(&mut self.blurred) {
            self.uncertain.insert((queue, message));
            let tray = &mut self.trays[queue.number() as usize];
            let before = tray.copies.remove(&message).unwrap_or_default();
            for copy in &before {
                tray.counts[copy.state as usize] -= 1;
            }
            let (arrival, leases, until) = (self.arrivals, Vec::new(), self.now);
            let new = Seen { arrival, state: State::Ready, deliveries: 0, leases, until };
            let views = engine.peek(queue, 0, u32::MAX);
            let here = views.iter().filter(|view| view.message.id == message);
            let after: Vec<Seen> = here
                .zip(before.into_iter().chain(std::iter::repeat(new)))
                .map(|(view, copy)| {
                    let (state, deliveries) = (state_of(view.state), view.deliveries);
                    match view.state {
                        CopyState::InFlight { lease, until, .. } => {
                            let leases = vec![lease.number()];
                            Seen { state, deliveries, leases, until, ..copy }
                        }
                        _ => Seen { state, deliveries, ..copy },
                    }
                })
                .collect();
            for copy in &after {
                tray.counts[copy.state as usize] += 1;
            }
            if !after.is_empty() {
                tray.copies.insert(message, after);
            }
        }
    }

    /// 1, 23: the counters are those of the events; what can be received wakes somebody.
    fn check_queues(&mut self, engine: &Engine, outcome: &Outcome) -> Found {
        for (number, tray) in self.trays.iter_mut().enumerate() {
            let queue = QueueId::new(number as u32);
            let stats = engine.queue_stats(queue).unwrap_or_default();
            let QueueStats { ready, delayed, in_flight, blocked, bytes, .. } = stats;
            if [ready, delayed, in_flight, blocked] != tray.counts {
                let counts = tray.counts;
                return Err(format!("1: {queue:?} says {stats:?}, its events {counts:?}"));
            }
            if stats.depth() > tray.config.capacity || bytes > tray.config.capacity_bytes {
                return Err(format!("23: {queue:?} is beyond its capacity: {stats:?}"));
            }
            let awake = engine.is_deliverable(queue);
            let woken = || outcome.events.iter().any(|(_, e)| *e == Event::Woken { queue });
            if awake && !std::mem::replace(&mut tray.awake, awake) && !woken() {
                return Err(format!("6: {queue:?} has something to deliver, and wakes nobody"));
            }
            tray.awake = awake;
        }
        Ok(())
    }

    fn leave_or_never_in(&mut self, queue: QueueId, message: MessageId) -> Found {
        if self.published == Some(message) {
            // It never came in, unless it is also there by another way: the engine says which.
            self.blurred.insert((queue, message));
            return Ok(());
        }
        // Of several copies of one message the dead one is the one that came back last.
        self.leave(queue, message, |_| true)
    }

    /// A copy changes its state.
    fn turn(
        &mut self,
        queue: QueueId,
        message: MessageId,
        to: State,
        which: impl Fn(&Seen) -> bool,
    ) -> Result<&mut Seen, String> {
        let tray = &mut self.trays[queue.number() as usize];
        let copies = tray.copies.get_mut(&message).ok_or("3: it is not there")?;
        let place = copies.iter().position(&which);
        let several = copies.len() > 1 || self.blurred.contains(&(queue, message));
        if several {
            self.blurred.insert((queue, message));
        }
        let place = place.or(several.then_some(0));
        let place = place.ok_or_else(|| format!("3: the copy is {:?}", copies[0].state))?;
        let copy = &mut copies[place];
        tray.counts[copy.state as usize] -= 1;
        copy.state = to;
        tray.counts[to as usize] += 1;
        Ok(copy)
    }

    fn leave(
        &mut self,
        queue: QueueId,
        message: MessageId,
        which: impl Fn(&Seen) -> bool,
    ) -> Found {
        let tray = &mut self.trays[queue.number() as usize];
        let copies = tray.copies.get_mut(&message).ok_or("3: it is not there")?;
        let several = copies.len() > 1 || self.blurred.contains(&(queue, message));
        if several {
            self.blurred.insert((queue, message));
        }
        let place = copies.iter().position(which).or(several.then_some(0));
        let place = place.ok_or("3, 5: no copy is in such a state")?;
        let copy = copies.remove(place);
        if copies.is_empty() {
            tray.copies.remove(&message);
        }
        tray.counts[copy.state as usize] -= 1;
        Ok(())
    }

    fn tray(&mut self, queue: QueueId) -> &mut Tray {
        &mut self.trays[queue.number() as usize]
    }
}

fn state_of(state: CopyState) -> State {
    match state {
        CopyState::Ready => State::Ready,
        CopyState::Delayed { .. } => State::Delayed,
        CopyState::InFlight { .. } => State::Held,
        CopyState::Blocked { .. } => State::Blocked,
    }
}

/// A time after which every lease, delay, backoff and deadline of a layout is over.
pub(crate) const LONG: Span = Span::from_secs(366 * 24 * 3_600);
