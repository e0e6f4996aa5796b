//! Home: its scene, with a guide.

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

/// Home.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct Home {}

impl House for Home {
    type Notes = ();

    fn open(&self) -> Result<Scene, String> {
        scenes::notifications().map_err(|error| error.to_string())
    }

    fn draw(&self, on: &OnShow<'_, ()>) -> Html {
        let OnShow { shown, scenery, hands, said, .. } = on;
        let player = scenery.player;
        html! {
            <div class="page">
                { top("", scenes::NOTIFICATIONS, keys(player, &hands.on_command)) }
                <main>
                    if player.help_is_open {
                        { help(player, &[], &hands.on_command) }
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
