//! Rows: for people as a table, for programs as JSON.

use std::{borrow::Cow, collections::BTreeSet};

use serde::Serialize;

use super::measure::{median, ratio};

/// One measure of ours beside its floor.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    name: String,
    unit: &'static str,
    ours: f64,
    floor: f64,
    /// Ours to the floor's.
    ratio: f64,
    peers: Cow<'static, [Peer]>,
    #[serde(skip)]
    bar: Option<Bar>,
}

/// What somebody else's program takes, in the unit of the row.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Peer {
    pub(super) name: Cow<'static, str>,
    pub(super) version: Cow<'static, str>,
    pub(super) value: f64,
    pub(super) source: Cow<'static, str>,
}

/// What a row should not exceed.
#[derive(Clone, Copy, Debug)]
enum Bar {
    Ratio(f64),
    Ours(f64),
}

impl Row {
    /// Medians of what was taken in turns.
    pub(super) fn of_turns(
        name: impl Into<String>,
        unit: &'static str,
        ours: &[f64],
        floor: &[f64],
    ) -> Self {
        let ratio = ratio(ours, floor);
        Self { ratio, ..Self::new(name, unit, median(ours), median(floor)) }
    }

    pub(super) fn new(name: impl Into<String>, unit: &'static str, ours: f64, floor: f64) -> Self {
        let ratio = ours / floor;
        Self { name: name.into(), unit, ours, floor, ratio, peers: Cow::default(), bar: None }
    }

    pub(super) fn ratio_at_most(self, ratio: f64) -> Self {
        Self { bar: Some(Bar::Ratio(ratio)), ..self }
    }

    pub(super) fn ours_at_most(self, most: f64) -> Self {
        Self { bar: Some(Bar::Ours(most)), ..self }
    }

    pub(super) fn with_peers(self, peers: impl Into<Cow<'static, [Peer]>>) -> Self {
        Self { peers: peers.into(), ..self }
    }
}

/// Prints rows below a header, and what peers they have below the rows.
pub(super) fn print(rows: &[Row]) {
    let cell = |value: f64| match value {
        value if value.abs() < 100.0 => format!("{value:.2}"),
        value => format!("{value:.0}"),
    };
    println!("{:<58} {:<6} {:>9} {:>9} {:>7}  at most", "", "unit", "ours", "floor", "ratio");
    let mut elsewhere = BTreeSet::new();
    for Row { name, unit, ours, floor, ratio, peers, bar } in rows {
        let bar = match *bar {
            None => String::new(),
            Some(Bar::Ratio(most)) => verdict("ratio", most, *ratio),
            Some(Bar::Ours(most)) => verdict("ours", most, *ours),
        };
        let (ours, floor, ratio) = (cell(*ours), cell(*floor), cell(*ratio));
        let line = format!("{name:<58} {unit:<6} {ours:>9} {floor:>9} {ratio:>7}  {bar}");
        println!("{}", line.trim_end());
        for peer in peers.iter() {
            elsewhere.insert(format!(
                "    {} {}: {:.0} {unit} ({})",
                peer.name, peer.version, peer.value, peer.source
            ));
        }
    }
    for peer in elsewhere {
        println!("{peer}");
    }
}

fn verdict(what: &str, most: f64, value: f64) -> String {
    format!("{what} {most}: {}", if value <= most { "met" } else { "MISSED" })
}
