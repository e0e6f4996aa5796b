//! The room beside the text: the stage, its time, and the balance.

use std::{cell::Cell, rc::Rc};

use postroom_course::Balance;
use yew::prelude::*;

use crate::{
    app::{House, OnShow, keys},
    player::{Additions, Player, Speed, help},
    run::Watched,
    scenes::{self, Scene},
};

/// A run to be shown. Another version is another run.
#[derive(Clone, Properties)]
pub(super) struct Room {
    /// Unlike that of every other run on the page.
    pub version: u64,
    /// The scenario's name.
    pub name: String,
    /// The run; the words for the reader if there is none.
    pub run: Result<Watched, String>,
    /// The speed that the reader chose last.
    pub speed: Rc<Cell<Speed>>,
    /// What is to be balanced.
    pub balance: Option<Balance>,
}

impl PartialEq for Room {
    fn eq(&self, other: &Self) -> bool {
        self.version == other.version && self.balance == other.balance
    }
}

impl House for Room {
    type Notes = ();

    fn open(&self) -> Result<Scene, String> {
        let run = self.run.as_ref().map_err(Clone::clone)?;
        Ok(scenes::of_watched(self.name.clone(), run))
    }

    fn player(&self) -> Player {
        Player::at(true, self.speed.get(), Speed::ALL)
    }

    fn obeyed(&self, player: &Player) {
        self.speed.set(player.speed);
    }

    fn draw(&self, on: &OnShow<'_, ()>) -> Html {
        let OnShow { shown, scenery, hands, said, .. } = on;
        let player = scenery.player;
        html! {
            <div class="bench">
                if player.help_is_open {
                    { help(player, &[], &hands.on_command) }
                }
                { match shown {
                    Ok(shown) => html! {
                        <>
                            { shown.stage(scenery, hands, Additions::default()) }
                            { self.sums() }
                            { shown.panels(scenery, hands, Html::default(), shown.event_list(scenery, hands)) }
                        </>
                    },
                    Err(why) => html! { <p class="card hint">{ why }</p> },
                } }
                <p class="lesson-keys">{ keys(player, &hands.on_command) }</p>
                <div class="visually-hidden" aria-live="polite">{ *said }</div>
            </div>
        }
    }
}

impl Room {
    /// What was to be charged for what was taken, and what was.
    fn sums(&self) -> Html {
        let (Some(balance), Ok(run)) = (&self.balance, &self.run) else { return Html::default() };
        let (total, distinct) = run.taken(&balance.provider);
        let price = u64::from(balance.price_cents);
        let (expected, actual) = (distinct * price, total * price);
        let twice = total - distinct.min(total);
        let class = classes!("card", "balance", (twice > 0).then_some("is-off"));
        html! {
            <dl {class}>
                <div><dt>{ "Expected" }</dt><dd id="expected">{ money(expected) }</dd></div>
                <div><dt>{ "Actual" }</dt><dd id="actual">{ money(actual) }</dd></div>
                <div>
                    <dt>{ "Charged too often" }</dt>
                    <dd id="too-often">{ format!("{twice} ×, {}", money(actual - expected.min(actual))) }</dd>
                </div>
            </dl>
        }
    }
}

fn money(cents: u64) -> String {
    format!("{}.{:02} €", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_has_two_places() {
        assert_eq!([0, 5, 2_500, 123_456].map(money), ["0.00 €", "0.05 €", "25.00 €", "1234.56 €"]);
    }
}
