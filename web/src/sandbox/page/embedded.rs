//! The page in a frame of somebody else's page.

use postroom_core::Timestamp;
use yew::prelude::*;

use super::{Msg, Page};
use crate::{
    app::Show,
    browser,
    player::PlayerCommand,
    sandbox::{
        bench::Bench,
        embed::{News, Wish},
        link,
        text::{TOO_LARGE, fits},
    },
};

impl Page {
    /// What is seen in a frame: the bench, and the way to the whole sandbox.
    pub(super) fn embedded(&self) -> Html {
        let Some(bench) = &self.bench else {
            return html! {
                <main class="sandbox is-embedded">
                    <h1 class="visually-hidden">{ "Postroom" }</h1>
                    <p class="notice" role="status">
                        { self.desk.mistake().map_or("The scenario is being opened…", |it| &it.words) }
                    </p>
                </main>
            };
        };
        let whole = self.link.clone().and_then(Result::ok);
        html! {
            <main class="sandbox is-embedded">
                <h1 class="visually-hidden">{ "Postroom" }</h1>
                <Show<Bench> key={bench.version} ..bench.clone() />
                if let Some(href) = whole {
                    <p class="whole">
                        <a {href} target="_blank" rel="noopener">{ "Open it in the sandbox" }</a>
                    </p>
                }
                <p class="notice" role="status">{ &self.remark }</p>
            </main>
        }
    }

    pub(super) fn grant(&mut self, wish: Result<Wish, String>) {
        match wish {
            Ok(Wish::Load { scenario }) if !fits(&scenario) => {
                tell(&News::Error { what: TOO_LARGE.to_owned() });
            }
            Ok(Wish::Load { scenario }) => {
                self.is_chosen_outside = true;
                self.load(scenario, "");
                if let Some(mistake) = self.desk.mistake() {
                    tell(&News::Error { what: mistake.words.clone() });
                }
            }
            Ok(Wish::Play) => self.command(PlayerCommand::Play),
            Ok(Wish::Pause) => self.command(PlayerCommand::Pause),
            Ok(Wish::Seek { at_ms }) => {
                self.command(PlayerCommand::SeekTo(Timestamp::from_millis(at_ms)));
            }
            Ok(Wish::State) => {
                let pace = self.pace.get();
                let at_ms = pace.now.as_micros() / 1_000;
                tell(&News::State { at_ms, playing: pace.playing });
            }
            Err(what) => tell(&News::Error { what }),
        }
    }

    /// What the address names is there, or is not.
    pub(super) fn tell_arrived(&self, why_not: Option<String>) {
        let mistake = self.desk.mistake().map(|mistake| mistake.words.clone());
        if let Some(what) = why_not.or(mistake) {
            tell(&News::Error { what });
        }
        tell(&News::Ready);
    }

    /// The link to what is shown, for the whole sandbox.
    pub(super) fn make_whole_link(&self, ctx: &Context<Self>) {
        let (text, made) = (self.desk.text().to_owned(), ctx.link().callback(Msg::LinkMade));
        browser::spawn_local(async move { made.emit(link::make(&text).await) });
    }

    fn command(&self, command: PlayerCommand) {
        if let Some(on_command) = &*self.on_command.borrow() {
            on_command.emit(command);
        }
    }
}

pub(super) fn tell(news: &News) {
    browser::tell_parent(&news.to_json());
}
