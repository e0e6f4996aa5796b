//! The player's state, and the one place where it changes.

use postroom_core::{Span, Timestamp};
use postroom_simulator::{BranchId, BranchView, RunUpdate};

use super::Speed;
use crate::{run::Change, stage::Selection};

/// The most that virtual time may want to run ahead of the run: a machine that is too slow for
/// the chosen speed falls behind, instead of owing ever more.
pub const LAG_MAX: Span = Span::from_secs(2);

/// What the reader does, what time does, and what the run says.
#[derive(Clone, Debug, PartialEq)]
pub enum PlayerCommand {
    /// Let time run, or stop it.
    TogglePlay,
    /// Let time run.
    Play,
    /// Stop it.
    Pause,
    /// Stop, and go on to the next thing that happens.
    StepToNextEvent,
    /// Run at this speed.
    SetSpeed(Speed),
    /// Run at the next faster speed.
    Faster,
    /// Run at the next slower speed.
    Slower,
    /// Stop, and go to this time of the present branch, or to its end if that is earlier.
    SeekTo(Timestamp),
    /// Stop, and go back a second.
    BackOneSecond,
    /// Stop, and go on for a second.
    OnOneSecond,
    /// Go to the end of the present branch.
    ToEnd,
    /// Change the world now. In the past this begins another future and keeps the old one.
    Intervene {
        /// What changes.
        change: Change,
        /// The same in words: the name of the future that begins with it.
        words: String,
    },
    /// Go to the end of another future.
    SwitchBranch(BranchId),
    /// Show this future beside the present one; or only the present one.
    Compare(Option<BranchId>),
    /// Look at something more closely.
    Select(Selection),
    /// Close what is open: the help, else what is looked at.
    Close,
    /// Show or hide the list of shortcuts.
    ToggleHelp,
    /// Use single keys as shortcuts, or leave them to the browser and to other tools.
    SetShortcuts(bool),
    /// So much real time passed.
    Elapsed(Span),
}

/// What the run is to do next.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// Run on to this time, in slices.
    Advance(Timestamp),
    /// Run on to the next thing that happens.
    Step,
    /// Go to this time.
    Seek(Timestamp),
    /// The same for those who can go by themselves to where they knew so many events.
    SeekFrom {
        /// This time.
        to: Timestamp,
        /// So many events of the branch, none of them from after it.
        known: u64,
    },
    /// Change the world.
    Change(Change),
    /// Go to another branch.
    Switch(BranchId),
    /// The same for those who can go by themselves to where they knew so many events.
    SwitchFrom {
        /// This branch.
        branch: BranchId,
        /// So many events of it.
        known: u64,
    },
}

/// Where the reader is in time, and what is open.
#[derive(Clone, Debug, PartialEq)]
pub struct Player {
    /// Whether time runs.
    pub playing: bool,
    /// How fast.
    pub speed: Speed,
    /// What can be chosen, slowest first.
    pub speeds: &'static [Speed],
    /// The run's time.
    pub now: Timestamp,
    /// How far the present branch is known.
    pub end: Timestamp,
    /// The present branch.
    pub branch: BranchId,
    /// All branches, in the order of their making.
    pub branches: Vec<BranchView>,
    /// What began each branch but the first, in words.
    pub branch_names: Vec<(BranchId, String)>,
    /// The future that is shown beside the present one.
    pub compared: Option<BranchId>,
    /// What is looked at.
    pub selected: Option<Selection>,
    /// Whether the list of shortcuts is shown.
    pub help_is_open: bool,
    /// Whether single keys are shortcuts.
    pub shortcuts: bool,
    /// What the run refused, or what just changed, to be read once.
    pub notice: Option<String>,
    /// Where virtual time wants to be.
    goal: Timestamp,
    /// Where it stops by itself.
    heading: Option<Timestamp>,
    /// Where the reader wants to go, until the run is there.
    seeking: Option<Timestamp>,
    /// What a new branch would be called: the change that was ordered last.
    changing: Option<String>,
}

impl Default for Player {
    fn default() -> Self {
        Self {
            playing: true,
            speed: Speed::default(),
            speeds: Speed::EASY,
            now: Timestamp::ZERO,
            end: Timestamp::ZERO,
            branch: BranchId::new(0),
            branches: Vec::new(),
            branch_names: Vec::new(),
            compared: None,
            selected: None,
            help_is_open: false,
            shortcuts: true,
            notice: None,
            goal: Timestamp::ZERO,
            heading: None,
            seeking: None,
            changing: None,
        }
    }
}

impl Player {
    /// Carries out a command; what the run is to do for it comes back.
    pub fn apply(&mut self, command: PlayerCommand) -> Option<Order> {
        match command {
            PlayerCommand::TogglePlay => self.set_playing(!self.playing),
            PlayerCommand::Play => self.set_playing(true),
            PlayerCommand::Pause => self.set_playing(false),
            PlayerCommand::SetSpeed(speed) => self.speed = speed,
            PlayerCommand::Faster => self.set_speed_after(self.speeds.iter()),
            PlayerCommand::Slower => self.set_speed_after(self.speeds.iter().rev()),
            PlayerCommand::Select(selection) => self.selected = Some(selection),
            PlayerCommand::Close if self.help_is_open => self.help_is_open = false,
            PlayerCommand::Close => self.selected = None,
            PlayerCommand::ToggleHelp => self.help_is_open = !self.help_is_open,
            PlayerCommand::SetShortcuts(on) => self.shortcuts = on,
            PlayerCommand::Elapsed(real) => return self.elapse(real),
            PlayerCommand::StepToNextEvent => return self.stop_and(Order::Step),
            PlayerCommand::SeekTo(to) => return self.seek(to),
            PlayerCommand::BackOneSecond => {
                return self.seek(self.shown_now() - Span::from_secs(1));
            }
            PlayerCommand::OnOneSecond => return self.on_one_second(),
            PlayerCommand::ToEnd => {
                self.seeking = Some(self.end);
                return Some(Order::Seek(self.end));
            }
            PlayerCommand::Intervene { change, words } => {
                self.changing = Some(words);
                return Some(Order::Change(change));
            }
            PlayerCommand::SwitchBranch(branch) if branch == self.branch => {}
            PlayerCommand::SwitchBranch(branch) => return self.stop_and(Order::Switch(branch)),
            PlayerCommand::Compare(branch) => {
                self.compared = branch.filter(|branch| *branch != self.branch);
            }
        }
        None
    }

    /// The time to show: where the reader wants to go, or where the run is.
    #[must_use]
    pub fn shown_now(&self) -> Timestamp {
        self.seeking.unwrap_or(self.now)
    }

    /// A player that goes on as another one did, with these speeds to choose from.
    #[must_use]
    pub fn at(playing: bool, speed: Speed, speeds: &'static [Speed]) -> Self {
        Self { playing, speed, speeds, ..Self::default() }
    }

    /// Runs on to this time however long it takes, and stops there.
    pub fn run_to(&mut self, to: Timestamp) {
        self.set_playing(false);
        self.heading = Some(to);
    }

    /// Whether time runs, or is about to stop by itself.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        self.playing || self.heading.is_some()
    }

    /// Takes in what the run says.
    pub fn report(&mut self, update: &RunUpdate) {
        self.now = update.now_us;
        self.seeking = None;
        self.heading = self.heading.filter(|heading| *heading > self.now);
        self.end = update.end_us;
        self.goal = if self.playing { self.goal.max(self.now) } else { self.now };
        if update.reset {
            self.goal = self.now;
        }
        if let Some(why) = &update.refused {
            self.notice = Some(format!("That was not done: {why}."));
        }
        let is_known = self.branch_names.iter().any(|(branch, _)| *branch == update.branch);
        let is_new = update.branch.number() > 0 && !is_known;
        if let Some(name) = self.changing.take().filter(|_| is_new) {
            self.notice = Some(format!("A new future begins: {name}. The old one is kept."));
            self.branch_names.push((update.branch, name));
        }
        // Whoever goes over to the future beside has the one that was left beside it.
        if self.compared == Some(update.branch) {
            self.compared = Some(self.branch).filter(|before| *before != update.branch);
        }
        self.branch = update.branch;
        self.branches.clone_from(&update.branches);
    }

    fn elapse(&mut self, real: Span) -> Option<Order> {
        if let Some(heading) = self.heading {
            return Some(Order::Advance(heading));
        }
        if !self.playing {
            return None;
        }
        let wanted = self.goal + self.speed.of(real);
        self.goal = wanted.min(self.now + LAG_MAX.max(self.speed.of(real)));
        Some(Order::Advance(self.goal))
    }

    fn set_playing(&mut self, playing: bool) {
        self.playing = playing;
        self.goal = self.now;
        self.heading = None;
        self.notice = None;
    }

    fn set_speed_after(&mut self, speeds: impl Iterator<Item = &'static Speed>) {
        let current = self.speed;
        let next = speeds.skip_while(|speed| **speed != current).nth(1);
        self.speed = next.copied().unwrap_or(current);
    }

    fn on_one_second(&mut self) -> Option<Order> {
        let to = self.heading.unwrap_or(self.shown_now()) + Span::from_secs(1);
        if to <= self.end {
            return self.seek(to);
        }
        self.run_to(to);
        Some(Order::Advance(to))
    }

    fn seek(&mut self, to: Timestamp) -> Option<Order> {
        let to = to.min(self.end);
        self.seeking = Some(to);
        self.stop_and(Order::Seek(to))
    }

    fn stop_and(&mut self, order: Order) -> Option<Order> {
        self.set_playing(false);
        Some(order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::Mode;
    use postroom_core::{Batch, QueueId};

    #[test]
    fn stepping_does_not_start_playback() {
        let mut player = paused_at(5);
        assert_eq!(player.apply(PlayerCommand::StepToNextEvent), Some(Order::Step));
        assert!(!player.playing);
        assert_eq!(player.apply(PlayerCommand::Elapsed(Span::from_secs(1))), None);
    }

    #[test]
    fn a_step_of_a_second_ends_there_however_long_it_takes() {
        let mut player = paused_at(5);
        player.report(&update(5, 5, 0));
        assert_eq!(player.apply(PlayerCommand::OnOneSecond), Some(Order::Advance(millis(6_000))));
        let half = RunUpdate { now_us: millis(5_500), ..update(5, 5, 0) };
        player.report(&half);
        assert!(player.is_moving() && !player.playing);
        let order = player.apply(PlayerCommand::Elapsed(Span::from_secs(9)));
        assert_eq!(order, Some(Order::Advance(millis(6_000))));
        player.report(&update(6, 6, 0));
        assert!(!player.is_moving());
        player.report(&update(3, 6, 0));
        assert_eq!(player.apply(PlayerCommand::OnOneSecond), Some(Order::Seek(millis(4_000))));
    }

    #[test]
    fn the_speeds_end_at_both_ends() {
        let mut player = Player::default();
        let mut go = |command: PlayerCommand| {
            (0..20).for_each(|_| drop(player.apply(command.clone())));
            player.speed
        };
        assert_eq!(go(PlayerCommand::Faster), Speed::Eight);
        assert_eq!(go(PlayerCommand::Slower), Speed::Quarter);
        player.speeds = Speed::ALL;
        player.apply(PlayerCommand::Slower);
        assert_eq!(player.speed, Speed::Tenth);
    }

    #[test]
    fn virtual_time_passes_at_the_chosen_speed_and_not_while_paused() {
        let mut player = Player::default();
        let pass =
            |player: &mut Player| player.apply(PlayerCommand::Elapsed(Span::from_millis(16)));
        assert_eq!(pass(&mut player), Some(Order::Advance(millis(16))));
        player.apply(PlayerCommand::SetSpeed(Speed::Four));
        assert_eq!(pass(&mut player), Some(Order::Advance(millis(80))));
        player.apply(PlayerCommand::Pause);
        assert_eq!(pass(&mut player), None);
        player.apply(PlayerCommand::Play);
        assert_eq!(pass(&mut player), Some(Order::Advance(millis(64))), "on from where the run is");
    }

    #[test]
    fn a_run_that_is_too_slow_falls_behind_instead_of_owing_ever_more() {
        let mut player = Player::default();
        player.apply(PlayerCommand::SetSpeed(Speed::Eight));
        for _ in 0..100 {
            player.apply(PlayerCommand::Elapsed(Span::from_millis(100)));
        }
        let order = player.apply(PlayerCommand::Elapsed(Span::from_millis(1)));
        assert_eq!(order, Some(Order::Advance(Timestamp::ZERO + LAG_MAX)));
    }

    #[test]
    fn a_hidden_page_gets_the_whole_time_that_passed() {
        let mut player = Player::default();
        let order = player.apply(PlayerCommand::Elapsed(Span::from_secs(60)));
        assert_eq!(order, Some(Order::Advance(Timestamp::from_millis(60_000))));
    }

    #[test]
    fn seeking_stops_time_and_stays_within_what_is_known() {
        let mut player = Player::default();
        player.report(&update(30, 40, 0));
        let order = player.apply(PlayerCommand::SeekTo(Timestamp::from_millis(99_000)));
        assert_eq!(order, Some(Order::Seek(Timestamp::from_millis(40_000))));
        assert!(!player.playing);
        player.report(&update(30, 40, 0));
        for seconds in [29, 28, 27] {
            // Faster than the run goes there: each counts.
            let order = player.apply(PlayerCommand::BackOneSecond);
            assert_eq!(order, Some(Order::Seek(millis(seconds * 1_000))));
            assert_eq!((player.now, player.shown_now()), (millis(30_000), millis(seconds * 1_000)));
        }
        player.report(&update(0, 40, 0));
        let order = player.apply(PlayerCommand::BackOneSecond);
        assert_eq!(order, Some(Order::Seek(Timestamp::ZERO)), "nothing is before the start");
    }

    #[test]
    fn a_change_in_the_past_begins_a_named_future() {
        let mut player = paused_at(5);
        let change = heal();
        let order = player.apply(intervene(change.clone()));
        assert_eq!(order, Some(Order::Change(change)));
        player.report(&update(5, 5, 1));
        assert_eq!(player.branch_names, [(BranchId::new(1), "healed".to_owned())]);
        assert!(player.notice.as_ref().unwrap().contains("healed"), "{:?}", player.notice);
        assert_eq!(
            player.apply(PlayerCommand::SwitchBranch(BranchId::new(1))),
            None,
            "it is here already"
        );
        let order = player.apply(PlayerCommand::SwitchBranch(BranchId::new(0)));
        assert_eq!(order, Some(Order::Switch(BranchId::new(0))));
    }

    #[test]
    fn going_over_to_the_future_beside_leaves_the_other_beside() {
        let mut player = paused_at(5);
        player.report(&update(5, 5, 1));
        let [first, second] = [0, 1].map(BranchId::new);
        player.apply(PlayerCommand::Compare(Some(second)));
        assert_eq!(player.compared, None, "it is the present one");
        player.apply(PlayerCommand::Compare(Some(first)));
        assert_eq!(player.compared, Some(first));
        player.apply(PlayerCommand::SwitchBranch(first));
        player.report(&update(5, 5, 0));
        assert_eq!((player.branch, player.compared), (first, Some(second)));
        player.report(&update(6, 6, 0));
        assert_eq!(player.compared, Some(second), "it stays there");
        player.apply(PlayerCommand::Compare(None));
        assert_eq!(player.compared, None);
    }

    #[test]
    fn a_change_at_the_end_begins_no_future() {
        let mut player = Player::default();
        player.apply(intervene(heal()));
        player.report(&update(5, 5, 0));
        assert_eq!((player.branch_names.len(), player.notice), (0, None));
    }

    #[test]
    fn a_refusal_is_told() {
        let mut player = Player::default();
        let redrive = Change::Redrive { queue: QueueId::new(9) };
        player.apply(intervene(redrive));
        let refused = Some("queue 9 does not exist".to_owned());
        player.report(&RunUpdate { refused, ..update(5, 5, 0) });
        assert!(player.notice.unwrap().contains("queue 9 does not exist"));
    }

    #[test]
    fn escape_closes_one_thing_at_a_time() {
        let mut player = Player::default();
        player.apply(PlayerCommand::Select(Selection::Queue(QueueId::new(1))));
        player.apply(PlayerCommand::ToggleHelp);
        player.apply(PlayerCommand::Close);
        assert!(!player.help_is_open && player.selected.is_some());
        player.apply(PlayerCommand::Close);
        assert_eq!(player.selected, None);
    }

    fn intervene(change: Change) -> PlayerCommand {
        PlayerCommand::Intervene { change, words: "healed".into() }
    }

    fn heal() -> Change {
        Change::SetMode { provider: "sms".into(), mode: Mode::Ok }
    }

    fn paused_at(seconds: u64) -> Player {
        let mut player = Player::default();
        player.apply(PlayerCommand::Pause);
        player.report(&update(seconds, 60, 0));
        player
    }

    fn update(now_s: u64, end_s: u64, branch: u32) -> RunUpdate {
        RunUpdate {
            reset: false,
            batch: Batch::default(),
            missed: 0,
            now_us: millis(now_s * 1_000),
            end_us: millis(end_s * 1_000),
            next_us: None,
            arrived: true,
            branch: BranchId::new(branch),
            branches: Vec::new(),
            refused: None,
        }
    }

    fn millis(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }
}
