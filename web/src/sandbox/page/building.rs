//! What is built by hand becomes text: one version for each thing that is done.

use postroom_simulator::{Scenario, Topology};

use super::Page;
use crate::{
    browser::{self, Timeout},
    sandbox::{
        build::{Built, Edit, Edited, FIRST, Part, edit, text_of},
        desk::DeskCommand,
        text::Opened,
    },
    stage::{self, Moved, Selection},
};

/// What a scenario is called before the reader calls it something else.
const NAME: &str = "My system";
/// Real milliseconds from one look for a part to the next.
const LOOK_MS: u32 = 30;
/// Looks for a part that is not drawn yet.
pub(super) const LOOKS: u32 = 10;
const LEAD: &str = "A system of your own: add parts, connect them, and let it run.";

impl Page {
    pub(super) fn build(&mut self, built: Built) {
        if self.is_embedded {
            return;
        }
        self.keep_focus();
        let Edited { scenario, part, words } = match built {
            Built::Undo(part) => return self.go_back(DeskCommand::Undo, part),
            Built::Redo(part) => return self.go_back(DeskCommand::Redo, part),
            Built::Edited { edited, focus } => {
                if let Some(focus) = focus {
                    self.focus = Some(focus.into());
                    self.focus_part = None;
                }
                *edited
            }
        };
        if self.desk.is_unread() {
            self.read();
            if self.desk.mistake().is_none() {
                self.remark = "The text has just changed: do that once more.".to_owned();
                return;
            }
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

    /// A part stands elsewhere from now on.
    pub(super) fn keep_place(&mut self, moved: Moved) {
        let Some(bench) = &self.bench else { return };
        if let Ok(edited) = edit(&bench.scenario, &Edit::Move(moved)) {
            self.build(Built::Edited { edited: Box::new(edited), focus: None });
        }
    }

    fn go_back(&mut self, command: DeskCommand, part: Option<Part>) {
        self.chosen = part;
        self.go_along(command);
    }

    /// The bench is drawn anew: what has the focus gets it again.
    fn keep_focus(&mut self) {
        let Some(focused) = browser::focused() else { return };
        self.focus_part = focused.get_attribute(stage::PART_MARK);
        self.focus = Some(focused.id().into());
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

/// Gives the focus to a part of the picture once that is drawn, which is when its width is known; to
/// the palette if there is no such part any more.
pub(super) fn focus_on_part(mark: String, looks: u32) {
    let look = move || {
        if browser::focus_on(stage::PART_MARK, &mark) {
            return;
        }
        match looks {
            0 => browser::focus(FIRST),
            _ => focus_on_part(mark, looks - 1),
        }
    };
    Timeout::new(LOOK_MS, look).forget();
}
