//! The colours of the canvas: the page's own, read from its style sheet.

use crate::browser::Canvas;

/// Lanes have stamps of so many colours; then they begin anew.
pub(super) const STAMPS: usize = 4;

/// The colours of the canvas.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Theme {
    pub(super) letter: String,
    pub(super) letter_edge: String,
    pub(super) shadow: String,
    pub(super) ink: String,
    pub(super) plate: String,
    pub(super) good: String,
    pub(super) bad: String,
    pub(super) wait: String,
    pub(super) hole: String,
    pub(super) accent: String,
    pub(super) on_colour: String,
    pub(super) mourning: String,
    pub(super) font: String,
    pub(super) stamps: [String; STAMPS],
}

impl Theme {
    pub(super) fn of(canvas: &Canvas) -> Self {
        let read = |name| canvas.property(name);
        Self {
            letter: read("--letter"),
            letter_edge: read("--letter-edge"),
            shadow: read("--shadow"),
            ink: read("--ink"),
            plate: read("--card"),
            good: read("--good"),
            bad: read("--bad"),
            wait: read("--wait"),
            hole: read("--hole"),
            accent: read("--accent"),
            on_colour: read("--on-colour"),
            mourning: read("--mourning"),
            font: read("--font"),
            stamps: ["--stamp-0", "--stamp-1", "--stamp-2", "--stamp-3"].map(read),
        }
    }

    /// The colour of a lane's stamp; grey for what was not sorted yet.
    pub(super) fn stamp(&self, lane: Option<u16>) -> &str {
        lane.map_or(&self.wait, |lane| &self.stamps[usize::from(lane) % STAMPS])
    }
}
