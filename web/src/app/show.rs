//! A scene that lives, and everything to do with it, on whatever page it is shown.

use std::{cell::Cell, rc::Rc};

use postroom_core::Span;
use postroom_simulator::RunUpdate;
use yew::prelude::*;

use super::{
    frame_clock::{FrameClock, SharedFrameClock},
    shown::{Hands, Scenery, Shown},
};
use crate::{
    browser::{self, Element, Frames, Interval, Listener, Media},
    panels::LogFilter,
    player::{Order, Player, PlayerCommand, shortcut},
    run::{Change, Fold, Folded, Memory, Session},
    scenes::Scene,
    stage::{Drawn, More, Painter, Selection, StageAction},
};

/// Real milliseconds from one slice of the run to the next, while time runs.
const PUMP_MS: u32 = 16;
/// Real milliseconds from one drawing of the words and numbers to the next, while time runs.
const WORDS_MS: f64 = 200.0;

/// A page that has room for a scene: which one, and how it is set out.
///
/// The page is a type, so that each module carries the code of its own page alone.
pub(crate) trait House: Properties + 'static {
    /// What the page knows of a run beyond what every page knows.
    type Notes: Default + Fold + 'static;
    /// What it draws of a system beyond what every page draws.
    const MORE: Option<More> = None;

    /// The scene to show; the words for the reader if there is none.
    fn open(&self) -> Result<Scene, String>;

    /// Where the reader is at first.
    fn player(&self) -> Player {
        Player::default()
    }

    /// Where parts stand that were moved by hand.
    fn drawn(&self) -> Drawn {
        Drawn::default()
    }

    /// The scene is there, and can be told what the reader may tell it.
    fn opened(&self, _: Callback<PlayerCommand>) {}

    /// The run says something, of which the notes take in the events next.
    fn note(_: &mut Self::Notes, _: &RunUpdate) {}

    /// The reader did something with the player.
    fn obeyed(&self, _: &Player) {}

    /// The run and the player stand as they do now: what the page keeps beside them follows, for at
    /// most a slice. Whether it needs more.
    fn follow(&self, _: &mut Self::Notes, _: &dyn Session, _: &Player) -> bool {
        false
    }

    /// What is on the page.
    fn draw(&self, on: &OnShow<'_, Self::Notes>) -> Html;
}

/// What a page has to draw.
pub(crate) struct OnShow<'s, N> {
    /// The scene; the words for the reader if there is none.
    pub(crate) shown: &'s Result<Shown, String>,
    /// How it is looked at.
    pub(crate) scenery: Scenery<'s>,
    /// What the reader can do.
    pub(crate) hands: Hands,
    /// What a screen reader is told.
    pub(crate) said: &'s str,
    /// What the page keeps.
    pub(crate) notes: &'s N,
}

/// What happens on the page.
pub(crate) enum Msg {
    /// The reader's wish, or the passing of time.
    Player(PlayerCommand),
    /// The reader did something on the stage.
    Act(StageAction),
    /// It is time for the next slice.
    Pump,
    /// The reader chose which events to list.
    Filter(LogFilter),
    /// Something about the reader's settings changed.
    Redraw,
}

/// A scene with its player.
pub(crate) struct Show<H: House> {
    notes: H::Notes,
    /// How the view and the notes stood before.
    memory: Memory<(Folded, <H::Notes as Fold>::Kept)>,
    shown: Result<Shown, String>,
    player: Player,
    filter: LogFilter,
    /// What a screen reader was told last.
    said: String,
    painter: Painter,
    frame_clock: SharedFrameClock,
    /// Runs while there is something to run.
    pump: Option<Interval>,
    pumped_ms: f64,
    drawn_ms: f64,
    /// A place to go to with the next slice: of many in a row only the last matters.
    seek: Option<Order>,
    /// Whether what the page keeps beside the run is not where the run is yet.
    is_behind: bool,
    reduced_motion: Option<Media>,
    help_was_open: bool,
    help_opener: Option<Element>,
    was_selected: Option<Selection>,
    /// What had the focus when the inspector opened.
    opener: Option<Element>,
    /// The player's, for the listener, which must decide at once.
    shortcuts: Rc<Cell<bool>>,
    _frames: Frames,
    _keys: Option<Listener>,
}

impl<H: House> Component for Show<H> {
    type Message = Msg;
    type Properties = H;

    fn create(ctx: &Context<Self>) -> Self {
        let shown = ctx.props().open().map(Shown::new);
        let title = shown.as_ref().map_or("Postroom", |shown| shown.scene.title.as_str());
        browser::set_title(&format!("{title} · Postroom"));

        let painter = Painter::new();
        let player = ctx.props().player();
        let now_ms = browser::now_ms();
        let frame_clock = Rc::new(Cell::new(FrameClock::new(player.now, now_ms, None)));
        let frames = Frames::start({
            let (painter, frame_clock) = (painter.clone(), Rc::clone(&frame_clock));
            move |ms| painter.frame(frame_clock.get().at(ms))
        });
        let shortcuts = Rc::new(Cell::new(player.shortcuts));
        let selected = player.selected.clone();
        let redraw = ctx.link().callback(|()| Msg::Redraw);
        let mut show = Self {
            notes: H::Notes::default(),
            memory: Memory::default(),
            shown,
            player,
            filter: LogFilter::default(),
            said: String::new(),
            painter,
            frame_clock,
            pump: None,
            pumped_ms: now_ms,
            drawn_ms: now_ms,
            seek: None,
            is_behind: false,
            reduced_motion: Media::reduced_motion(move || redraw.emit(())),
            help_was_open: false,
            help_opener: None,
            was_selected: selected,
            opener: None,
            shortcuts: Rc::clone(&shortcuts),
            _frames: frames,
            _keys: listen_to_keys(ctx, shortcuts),
        };
        ctx.props().opened(ctx.link().callback(Msg::Player));
        show.replay();
        show.follow(ctx);
        show.keep_pumping(ctx);
        show
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        let is_due = match msg {
            Msg::Pump => self.pump(),
            Msg::Player(command) => self.obey(ctx, command),
            Msg::Act(action) => self.act(ctx, action.into()),
            Msg::Filter(filter) => {
                self.filter = filter;
                true
            }
            Msg::Redraw => true,
        };
        let was_behind = self.is_behind;
        self.follow(ctx);
        let is_due = is_due || (was_behind && !self.is_behind);
        self.keep_pumping(ctx);
        if is_due {
            self.drawn_ms = browser::now_ms();
            self.speak();
        }
        is_due
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let scenery = self.scenery(ctx);
        let Self { shown, said, notes, .. } = self;
        ctx.props().draw(&OnShow { shown, scenery, hands: hands(ctx), said, notes })
    }

    fn rendered(&mut self, _: &Context<Self>, _first: bool) {
        if self.player.help_is_open != self.help_was_open {
            self.help_was_open = self.player.help_is_open;
            if self.help_was_open {
                self.help_opener = browser::focused();
                browser::focus("help");
            } else {
                browser::return_focus(self.help_opener.take().as_ref(), "inspector");
            }
        }
        if self.player.selected != self.was_selected {
            self.was_selected.clone_from(&self.player.selected);
            if self.was_selected.is_some() {
                self.opener = browser::focused();
                browser::bring_into_view("inspector");
            } else {
                browser::return_focus(self.opener.take().as_ref(), "inspector");
            }
        }
    }
}

impl<H: House> Show<H> {
    /// Carries out a command; whether the page is to be drawn at once.
    fn obey(&mut self, ctx: &Context<Self>, command: PlayerCommand) -> bool {
        match self.player.apply(command) {
            Some(order @ Order::Seek(_)) => self.seek = Some(order),
            Some(order) => {
                self.finish_seek();
                self.carry_out(order);
            }
            None => {}
        }
        self.shortcuts.set(self.player.shortcuts);
        self.set_frame_clock();
        ctx.props().obeyed(&self.player);
        true
    }

    fn act(&mut self, ctx: &Context<Self>, change: Change) -> bool {
        let Ok(shown) = &self.shown else { return false };
        let words = change.in_words(&shown.view.names);
        self.obey(ctx, PlayerCommand::Intervene { change, words })
    }

    /// The next slice; whether the words and numbers are due to be drawn.
    fn pump(&mut self) -> bool {
        let now_ms = browser::now_ms();
        let real = Span::from_micros(((now_ms - self.pumped_ms).max(0.0) * 1_000.0) as u64);
        self.pumped_ms = now_ms;
        if self.finish_seek() {
            return true;
        }
        let was_moving = self.player.is_moving();
        if let Some(order) = self.player.apply(PlayerCommand::Elapsed(real)) {
            self.carry_out(order);
        }
        // Once it has arrived, nothing would draw it again.
        let has_arrived = was_moving && !self.player.is_moving();
        now_ms - self.drawn_ms >= WORDS_MS || has_arrived
    }

    fn finish_seek(&mut self) -> bool {
        let seek = self.seek.take();
        let is_wanted = seek.is_some();
        if let Some(order) = seek {
            self.carry_out(order);
        }
        is_wanted
    }

    fn carry_out(&mut self, order: Order) {
        let order = self.memory.order(order);
        if let Ok(shown) = &mut self.shown {
            let updates = shown.scene.session.carry_out(order, &browser::now_ms);
            updates.iter().for_each(|update| self.take(update));
        }
        self.set_frame_clock();
    }

    fn replay(&mut self) {
        if let Ok(shown) = &mut self.shown {
            let update = shown.scene.session.replay();
            self.take(&update);
        }
    }

    fn take(&mut self, update: &RunUpdate) {
        if let Ok(shown) = &mut self.shown {
            H::note(&mut self.notes, update);
            self.memory.take(update, &mut (&mut shown.view, &mut self.notes));
            self.player.report(update);
        }
    }

    fn follow(&mut self, ctx: &Context<Self>) {
        if let Ok(shown) = &mut self.shown {
            let session = &*shown.scene.session;
            let message = match self.player.selected {
                Some(Selection::Message(message)) => Some(message),
                _ => None,
            };
            shown.view.look_back(message, session);
            self.is_behind = ctx.props().follow(&mut self.notes, session, &self.player);
        }
    }

    fn set_frame_clock(&self) {
        let Player { playing, speed, .. } = self.player;
        let speed = (playing && speed.is_easy()).then_some(speed);
        self.frame_clock.set(FrameClock::new(self.player.now, browser::now_ms(), speed));
    }

    fn keep_pumping(&mut self, ctx: &Context<Self>) {
        let is_needed = self.shown.is_ok()
            && (self.player.is_moving() || self.seek.is_some() || self.is_behind);
        if !is_needed {
            self.pump = None;
        } else if self.pump.is_none() {
            self.pumped_ms = browser::now_ms();
            let link = ctx.link().clone();
            self.pump = Some(Interval::new(PUMP_MS, move || link.send_message(Msg::Pump)));
        }
    }

    fn scenery(&self, ctx: &Context<Self>) -> Scenery<'_> {
        Scenery {
            player: &self.player,
            filter: self.filter,
            painter: &self.painter,
            frame_clock: &self.frame_clock,
            more: H::MORE,
            drawn: ctx.props().drawn(),
            reduced_motion: self.reduced_motion.as_ref().is_some_and(Media::holds),
        }
    }

    fn speak(&mut self) {
        if let Ok(shown) = &mut self.shown {
            let now_ms = browser::now_ms() as u64;
            if let Some(said) = shown.view.announcer.speak(now_ms, &shown.view.names) {
                self.said = said;
            }
        }
    }
}

fn hands<H: House>(ctx: &Context<Show<H>>) -> Hands {
    let link = ctx.link();
    Hands {
        on_command: link.callback(Msg::Player),
        on_act: link.callback(Msg::Act),
        on_filter: link.callback(Msg::Filter),
    }
}

fn listen_to_keys<H: House>(ctx: &Context<Show<H>>, shortcuts: Rc<Cell<bool>>) -> Option<Listener> {
    let link = ctx.link().clone();
    browser::on_key_down(move |event| {
        let is_plain = !(event.ctrl_key() || event.alt_key() || event.meta_key());
        if !is_plain || browser::is_typing(&event) {
            return;
        }
        let command = shortcut(&event.key());
        if let Some(command) = command.filter(|it| shortcuts.get() || *it == PlayerCommand::Close) {
            event.prevent_default();
            link.send_message(Msg::Player(command));
        }
    })
}
