//! One small chart of the last minute, with its values in words.

use postroom_core::Span;
use yew::prelude::*;

use crate::{panels::words, stage};

/// The height of a chart, in the units in which a second is one wide.
const HEIGHT: u64 = 16;

/// What a chart's values count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// How often something happened in each second.
    Rate,
    /// How many there were at the end of each second.
    Level,
    /// How old something was then, in microseconds.
    Age,
}

/// A value for each second, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chart {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) values: Vec<u64>,
}

impl Chart {
    pub(super) fn draw(&self) -> Html {
        let seconds = self.values.len();
        let line = steps(&self.values, self.most());
        let area = format!("M0 {HEIGHT}{line}V{HEIGHT}Z");
        html! {
            <figure class="chart">
                <figcaption>
                    <span>{ self.name }</span>
                    <strong>{ self.now() }</strong>
                    <span class="hint">{ self.range() }</span>
                </figcaption>
                <div class="plot" aria-hidden="true">
                    <span class="most">{ self.said(self.most()) }</span>
                    <span class="least">{ "0" }</span>
                    <svg viewBox={format!("0 0 {seconds} {HEIGHT}")} preserveAspectRatio="none">
                        <path class="area" d={area} />
                        if self.kind != Kind::Rate {
                            <path class="line" d={line.replacen('V', "M0 ", 1)} />
                        }
                    </svg>
                    <span class="from">{ format!("{seconds} s ago") }</span>
                    <span class="until">{ "now" }</span>
                </div>
            </figure>
        }
    }

    /// How it stands: for a rate, all of the minute.
    fn now(&self) -> String {
        match self.kind {
            Kind::Rate => self.said(self.values.iter().sum()),
            Kind::Level | Kind::Age => self.said(self.values.last().copied().unwrap_or_default()),
        }
    }

    /// Between what it was.
    fn range(&self) -> String {
        let least = self.values.iter().min().copied().unwrap_or_default();
        let (least, most) = (self.said(least), self.said(self.most()));
        match self.kind {
            Kind::Rate => format!("{least} to {most} a second"),
            Kind::Level | Kind::Age => format!("{least} to {most}"),
        }
    }

    fn said(&self, value: u64) -> String {
        match self.kind {
            Kind::Rate | Kind::Level => stage::count(value),
            Kind::Age if value == 0 => "0".into(),
            Kind::Age => words::span(Span::from_micros(value)),
        }
    }

    fn most(&self) -> u64 {
        self.values.iter().max().copied().unwrap_or_default()
    }
}

/// A step for every second, as high as its value against the most.
fn steps(values: &[u64], most: u64) -> String {
    let mut path = String::new();
    for (second, value) in values.iter().enumerate() {
        // Whatever is there at all is seen.
        let height = (value * HEIGHT).div_ceil(most.max(1));
        path.push_str(&format!("V{}H{}", HEIGHT - height.min(HEIGHT), second + 1));
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_there_is_seen_and_nothing_is_flat() {
        assert_eq!(steps(&[0, 1, 1_000], 1_000), "V16H1V15H2V0H3");
        assert_eq!(steps(&[0, 0], 0), "V16H1V16H2");
    }

    #[test]
    fn a_chart_says_how_it_stands_and_between_what_it_was() {
        let chart = |kind, values: &[u64]| {
            let chart = Chart { name: "", kind, values: values.to_vec() };
            (chart.now(), chart.range())
        };
        let said = |now: &str, range: &str| (now.to_owned(), range.to_owned());
        assert_eq!(chart(Kind::Rate, &[3, 0, 2]), said("5", "0 to 3 a second"));
        assert_eq!(chart(Kind::Level, &[2, 1_500, 7]), said("7", "2 to 1,500"));
        assert_eq!(chart(Kind::Age, &[400_000, 1_250_000]), said("1.2 s", "400 ms to 1.2 s"));
        assert_eq!(chart(Kind::Age, &[0, 60_000_000]), said("1 min", "0 to 1 min"));
        assert_eq!(chart(Kind::Level, &[]), said("0", "0 to 0"));
    }
}
