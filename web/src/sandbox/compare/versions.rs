//! A and B: the scenario that was kept, and what has become of it since.

use std::sync::Arc;

use postroom_simulator::{Scenario, Topology};
use yew::prelude::*;

use super::{Difference, differences};

/// The scenario that was kept as A, and what sets the present one apart.
#[derive(Clone, Debug)]
pub(in crate::sandbox) struct Kept {
    text: String,
    scenario: Arc<Scenario<Topology>>,
    differences: Vec<Difference>,
}

/// What the reader does with A.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sandbox) enum KeptCommand {
    /// Keep the present scenario as A.
    Keep,
    /// Put A in the place of B.
    BackTo,
    /// Forget A.
    Forget,
}

impl Kept {
    /// Keeps a scenario, of which this is the text.
    pub(in crate::sandbox) fn new(text: String, scenario: Arc<Scenario<Topology>>) -> Self {
        Self { text, scenario, differences: Vec::new() }
    }

    /// The same beside another text.
    pub(in crate::sandbox) fn beside(&self, text: &str) -> Self {
        Self { differences: differences(&self.text, text), ..self.clone() }
    }

    /// Its text.
    pub(in crate::sandbox) fn text(&self) -> &str {
        &self.text
    }

    /// Whether B says anything else.
    pub(in crate::sandbox) fn differs(&self) -> bool {
        !self.differences.is_empty()
    }

    pub(super) fn scenario(&self) -> Arc<Scenario<Topology>> {
        Arc::clone(&self.scenario)
    }

    pub(super) fn differences(&self) -> &[Difference] {
        &self.differences
    }
}

/// The button that keeps the present scenario as A; nothing while one is kept.
pub(in crate::sandbox) fn keep_button(
    kept: Option<&Kept>,
    on_keep: &Callback<KeptCommand>,
) -> Html {
    if kept.is_some() {
        return Html::default();
    }
    let onclick = on_keep.reform(|_: MouseEvent| KeptCommand::Keep);
    let title = "Then change a setting, and see both run side by side";
    html! { <button id="keep-a" class="quiet" {title} {onclick}>{ "Keep as A" }</button> }
}

/// What can be done while a scenario is kept as A.
pub(in crate::sandbox) fn kept_bar(kept: Option<&Kept>, on_keep: &Callback<KeptCommand>) -> Html {
    let Some(kept) = kept else { return Html::default() };
    let keep = |what: KeptCommand| on_keep.reform(move |_: MouseEvent| what);
    html! {
        <div class="kept-bar" role="group" aria-label="A and B">
            <p class="hint" role="status">
                { if kept.differs() {
                    "A as it was kept, B as it is now: the same seed, the same clock. What you \
                     change while it runs changes B alone."
                } else {
                    "This is kept as A. Change a setting in the text: that is B, and both run side \
                     by side."
                } }
            </p>
            if kept.differs() {
                <button class="quiet" onclick={keep(KeptCommand::BackTo)}>{ "Back to A" }</button>
            }
            <button class="quiet" onclick={keep(KeptCommand::Forget)}>{ "Forget A" }</button>
        </div>
    }
}
