//! Home: a scene that lives, and everything to do with it.

use std::{cell::Cell, rc::Rc};

use postroom_core::Span;
use yew::prelude::*;

use super::{
    frame_clock::{FrameClock, SharedFrameClock},
    shown::{Hands, Scenery, Shown, broken},
    top::top,
};
use crate::{
    browser::{self, Element, Frames, Interval, Listener, Media},
    panels::LogFilter,
    player::{Order, Player, PlayerCommand, help, shortcut},
    run::Change,
    scenes,
    stage::{Painter, Selection, StageAction},
};

/// Real milliseconds from one slice of the run to the next, while time runs.
const PUMP_MS: u32 = 16;
/// Real milliseconds from one drawing of the words and numbers to the next, while time runs.
const WORDS_MS: f64 = 160.0;

/// What [`Home`] shows.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct HomeProps {
    /// What stands after `#` in the address.
    pub hash: String,
}

/// What happens on the page.
pub(super) enum Msg {
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
pub(super) struct Home {
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

impl Component for Home {
    type Message = Msg;
    type Properties = HomeProps;

    fn create(ctx: &Context<Self>) -> Self {
        let shown = scenes::open_at(&ctx.props().hash).map(Shown::new);
        let shown = shown.map_err(|error| error.to_string());
        let title = shown.as_ref().map_or("Postroom", |shown| shown.scene.title.as_str());
        browser::set_title(&format!("{title} · Postroom"));

        let painter = Painter::new();
        let player = Player::default();
        let now_ms = browser::now_ms();
        let frame_clock = Rc::new(Cell::new(FrameClock::new(player.now, now_ms, None)));
        let frames = Frames::start({
            let (painter, frame_clock) = (painter.clone(), Rc::clone(&frame_clock));
            move |ms| painter.frame(frame_clock.get().at(ms))
        });
        let shortcuts = Rc::new(Cell::new(player.shortcuts));
        let redraw = ctx.link().callback(|()| Msg::Redraw);
        let mut home = Self {
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
            reduced_motion: Media::reduced_motion(move || redraw.emit(())),
            help_was_open: false,
            help_opener: None,
            was_selected: None,
            opener: None,
            shortcuts: Rc::clone(&shortcuts),
            _frames: frames,
            _keys: listen_to_keys(ctx, shortcuts),
        };
        home.replay();
        home.keep_pumping(ctx);
        home
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        let is_due = match msg {
            Msg::Pump => self.pump(),
            Msg::Player(command) => self.obey(command),
            Msg::Act(action) => self.act(action.into()),
            Msg::Filter(filter) => {
                self.filter = filter;
                true
            }
            Msg::Redraw => true,
        };
        self.keep_pumping(ctx);
        if is_due {
            self.drawn_ms = browser::now_ms();
            self.speak();
        }
        is_due
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let on_command = ctx.link().callback(Msg::Player);
        let onclick = on_command.reform(|_: MouseEvent| PlayerCommand::ToggleHelp);
        let is_open = self.player.help_is_open.to_string();
        let keys = html! {
            <button class="quiet" aria-expanded={is_open} aria-controls="help" {onclick}>
                { "Keys" }
            </button>
        };
        html! {
            <div class="page">
                { top(&ctx.props().hash, keys) }
                <main>
                    if self.player.help_is_open {
                        { help(&self.player, &on_command) }
                    }
                    { match &self.shown {
                        Ok(shown) => shown.draw(self.scenery(), &hands(ctx, on_command)),
                        Err(why) => broken(why),
                    } }
                </main>
                <div class="visually-hidden" aria-live="polite">{ &self.said }</div>
            </div>
        }
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

impl Home {
    /// Carries out a command; whether the page is to be drawn at once.
    fn obey(&mut self, command: PlayerCommand) -> bool {
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
        true
    }

    fn act(&mut self, change: Change) -> bool {
        let Ok(shown) = &self.shown else { return false };
        let words = change.in_words(&shown.view.names);
        self.obey(PlayerCommand::Intervene { change, words })
    }

    /// The next slice; whether the words and numbers are due to be drawn.
    fn pump(&mut self) -> bool {
        let now_ms = browser::now_ms();
        let real = Span::from_micros(((now_ms - self.pumped_ms).max(0.0) * 1_000.0) as u64);
        self.pumped_ms = now_ms;
        if self.finish_seek() {
            return true;
        }
        if let Some(order) = self.player.apply(PlayerCommand::Elapsed(real)) {
            self.carry_out(order);
        }
        now_ms - self.drawn_ms >= WORDS_MS
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
        if let Ok(shown) = &mut self.shown {
            for update in shown.scene.session.carry_out(order, &browser::now_ms) {
                shown.view.take(&update);
                self.player.report(&update);
            }
        }
        self.set_frame_clock();
    }

    fn replay(&mut self) {
        if let Ok(shown) = &mut self.shown {
            let update = shown.scene.session.replay();
            shown.view.take(&update);
            self.player.report(&update);
        }
    }

    fn set_frame_clock(&self) {
        let speed = self.player.playing.then_some(self.player.speed);
        self.frame_clock.set(FrameClock::new(self.player.now, browser::now_ms(), speed));
    }

    fn keep_pumping(&mut self, ctx: &Context<Self>) {
        let is_needed = self.shown.is_ok() && (self.player.playing || self.seek.is_some());
        if !is_needed {
            self.pump = None;
        } else if self.pump.is_none() {
            self.pumped_ms = browser::now_ms();
            let link = ctx.link().clone();
            self.pump = Some(Interval::new(PUMP_MS, move || link.send_message(Msg::Pump)));
        }
    }

    fn scenery(&self) -> Scenery<'_> {
        Scenery {
            player: &self.player,
            filter: self.filter,
            painter: &self.painter,
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

fn hands(ctx: &Context<Home>, on_command: Callback<PlayerCommand>) -> Hands {
    let (on_act, on_filter) = (ctx.link().callback(Msg::Act), ctx.link().callback(Msg::Filter));
    Hands { on_command, on_act, on_filter }
}

fn listen_to_keys(ctx: &Context<Home>, shortcuts: Rc<Cell<bool>>) -> Option<Listener> {
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
