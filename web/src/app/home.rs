//! Home: one of the scenes, with its guide.

use yew::prelude::*;

use super::{
    show::{House, OnShow},
    shown::{broken, keys},
    top::top,
};
use crate::{
    player::help,
    scenes::{self, Scene},
};

/// What home shows.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct Home {
    /// What stands after `#` in the address.
    pub hash: String,
}

impl House for Home {
    type Notes = ();

    fn open(&self) -> Result<Scene, String> {
        scenes::open_at(&self.hash).map_err(|error| error.to_string())
    }

    fn draw(&self, on: &OnShow<'_, ()>) -> Html {
        let OnShow { shown, scenery, hands, said, .. } = on;
        let player = scenery.player;
        html! {
            <div class="page">
                { top("", &self.hash, keys(player, &hands.on_command)) }
                <main>
                    if player.help_is_open {
                        { help(player, &hands.on_command) }
                    }
                    { match shown {
                        Ok(shown) => shown.draw(scenery, hands),
                        Err(why) => broken(why),
                    } }
                </main>
                <div class="visually-hidden" aria-live="polite">{ *said }</div>
            </div>
        }
    }
}
