//! What is built by hand becomes text: one version for each thing that is done.

use std::borrow::Cow;

use postroom_simulator::{Scenario, Topology};

use super::Page;
use crate::{
    browser,
    sandbox::{
        build::{Built, Edited, Part, text_of},
        desk::DeskCommand,
        text::Opened,
    },
    stage::Selection,
};

/// What a scenario is called before the reader calls it something else.
const NAME: &str = "My system";
const LEAD: &str = "A system of your own: add parts, connect them, and let it run.";

impl Page {
    pub(super) fn build(&mut self, built: Built) {
        if self.is_embedded {
            return;
        }
        let Edited { scenario, part, words } = *match built {
            Built::Undo => return self.go_along(DeskCommand::Undo),
            Built::Redo => return self.go_along(DeskCommand::Redo),
            Built::Edited { edited, focus } => {
                let focused = browser::focused().map(|element| Cow::from(element.id()));
                self.focus = focus.map(Cow::from).or(focused);
                edited
            }
        };
        if self.desk.is_unread() {
            self.read();
        }
        if self.desk.mistake().is_some() {
            self.remark = "Mend the text first: it has a mistake, which would be lost.".to_owned();
            return;
        }
        self.built = words;
        self.chosen = part;
        let lead = self.desk.lead().to_owned();
        self.load(text_of(&scenario), &lead);
    }

    pub(super) fn begin_anew(&mut self) {
        let scenario = Scenario::new(NAME, 1, Topology::default());
        self.load(text_of(&scenario), LEAD);
    }
}

/// The part that was built, in the picture.
pub(super) fn chosen(part: Option<Part>, opened: &Opened) -> Option<Selection> {
    part?.selection(&opened.scenario, &opened.scene.layout)
}
