//! How each mark is drawn.

use super::theme::{STAMPS, Theme};
use crate::{
    browser::Canvas,
    picture::{End, Mark, Point, Rect, Shape},
    stage::words,
};

/// A letter is so wide and so high.
const LETTER: (f64, f64) = (28.0, 20.0);
/// A sprite leaves this much room around a letter.
const ROOM: f64 = 6.0;
/// The radius of what waits.
const WAIT: f64 = 11.0;
/// The radius of the ring around a letter at work.
const RING: f64 = 15.5;

/// The corners of a star with eight spikes and radius 1.
const STAR: [(f64, f64); 16] = [
    (0.0, -1.000),
    (0.199, -0.480),
    (0.707, -0.707),
    (0.480, -0.199),
    (1.000, 0.0),
    (0.480, 0.199),
    (0.707, 0.707),
    (0.199, 0.480),
    (0.0, 1.000),
    (-0.199, 0.480),
    (-0.707, 0.707),
    (-0.480, 0.199),
    (-1.000, 0.0),
    (-0.480, -0.199),
    (-0.707, -0.707),
    (-0.199, -0.480),
];

/// The corners of the tick on what was delivered.
const TICK: [(f64, f64); 6] =
    [(-3.72, -0.28), (-1.12, 2.33), (4.12, -4.66), (5.88, -3.34), (-0.88, 5.68), (-5.28, 1.28)];

/// The radius of the disc with the tick at first, and by how much it grows before it is gone.
const DELIVERED: (f64, usize) = (9.0, 5);

/// How large a letter is at work, beside one on its way.
const AT_WORK: f64 = 0.72;

/// Draws marks on a canvas.
#[derive(Debug)]
pub(super) struct Brush {
    pub(super) theme: Theme,
    /// For each stamp, and then for a letter that is not sorted.
    letters: Vec<Sprites>,
    /// What was delivered, one wider than the other.
    delivered: Vec<Canvas>,
}

/// A letter as it is drawn again and again.
#[derive(Debug)]
struct Sprites {
    alive: Canvas,
    at_work: Canvas,
    dead: Canvas,
}

impl Brush {
    pub(super) fn new(canvas: &Canvas, theme: Theme) -> Self {
        let (w, h) = (LETTER.0 + 2.0 * ROOM, LETTER.1 + 2.0 * ROOM);
        let stamps = (0..STAMPS as u16).map(Some).chain([None]);
        let letters = stamps.filter_map(|lane| {
            let sprite = |scale, is_dead| {
                let sprite = canvas.sprite(w, h)?;
                sprite.moved(w / 2.0, h / 2.0, 0.0, scale);
                letter(&sprite, &theme, theme.stamp(lane), is_dead);
                sprite.back();
                Some(sprite)
            };
            let at_work = sprite(AT_WORK, false)?;
            Some(Sprites { alive: sprite(1.0, false)?, at_work, dead: sprite(1.0, true)? })
        });
        let letters = letters.collect();
        let (radius, grows) = DELIVERED;
        let delivered = (0..=grows).filter_map(|by| {
            let (radius, middle) = (radius + by as f64, radius + grows as f64 + 1.0);
            let sprite = canvas.sprite(2.0 * middle, 2.0 * middle)?;
            sprite.disc(middle, middle, radius, &theme.good);
            let tick = TICK.map(|(x, y)| (middle + x, middle + y));
            sprite.polygon(tick, &theme.on_colour);
            Some(sprite)
        });
        let delivered = delivered.collect();
        Self { theme, letters, delivered }
    }

    pub(super) fn draw(&self, canvas: &Canvas, mark: &Mark) {
        let Point { x, y } = mark.at;
        match mark.shape {
            Shape::Letter { failed, tries } => {
                if failed {
                    self.star(canvas, x, y, 17.0);
                }
                self.letter(canvas, mark, failed);
                if tries > 0 && !failed {
                    self.badge(canvas, x + 12.0, y - 9.0, tries);
                }
            }
            Shape::Working { left, tries } => self.working(canvas, mark, left, tries),
            Shape::Waiting { left, tries, blocked } => {
                self.waiting(canvas, mark.at, left, tries, blocked);
            }
            Shape::Dead { tilt } => self.dead(canvas, mark.lane, x, y, tilt),
            Shape::Ending { end, share } => self.ending(canvas, mark.at, end, share),
            Shape::Bar { rect, fill, count } => self.bar(canvas, rect, fill, count),
            Shape::Stream { count } => self.stream(canvas, mark.at, count),
        }
    }

    /// The ring around what is chosen.
    pub(super) fn choose(&self, canvas: &Canvas, at: Point) {
        canvas.ring(at.x, at.y, 20.0, 1.0, 5.0, &self.theme.plate);
        canvas.ring(at.x, at.y, 20.0, 1.0, 2.5, &self.theme.accent);
    }

    /// The thinner ring around what the pointer is on.
    pub(super) fn point_out(&self, canvas: &Canvas, at: Point) {
        canvas.ring(at.x, at.y, 19.0, 1.0, 1.5, &self.theme.accent);
    }

    /// Where a mark is going, which message it is and of which ordered group, and how long it
    /// works or waits yet: while time stands still.
    pub(super) fn explain(&self, canvas: &Canvas, mark: &Mark, group: Option<&str>) {
        let Point { x, y } = mark.at;
        if let Some(heading) = mark.heading {
            let tip = Point { x: x + heading.x * 26.0, y: y + heading.y * 26.0 };
            let back = Point { x: x + heading.x * 18.0, y: y + heading.y * 18.0 };
            let side = Point { x: -heading.y * 5.0, y: heading.x * 5.0 };
            let corners = [
                (tip.x, tip.y),
                (back.x + side.x, back.y + side.y),
                (back.x - side.x, back.y - side.y),
            ];
            canvas.polygon(corners, &self.theme.ink);
        }
        if let Some(message) = mark.message {
            let text = words::tag(message, group);
            self.tag(canvas, Point { y: y - 17.5, ..mark.at }, &text);
        }
        if let Some(span) = mark.ends_in {
            self.tag(canvas, mark.at, &words::left(span));
        }
    }

    /// A few words on a plate.
    fn tag(&self, canvas: &Canvas, Point { x, y }: Point, text: &str) {
        let width = 5.6 * text.chars().count() as f64 + 5.0;
        canvas.plate(x - width / 2.0, y - 6.5, width, 13.0, 4.0, &self.theme.plate);
        canvas.words(text, x, y + 0.5, &self.font(10, true), &self.theme.ink);
    }

    fn font(&self, size: u32, is_bold: bool) -> String {
        format!("{} {size}px {}", if is_bold { "600" } else { "400" }, self.theme.font)
    }

    fn letter(&self, canvas: &Canvas, mark: &Mark, is_small: bool) {
        let Some(sprites) = self.letters.get(self.stamp(mark.lane)) else { return };
        let sprite = if is_small { &sprites.at_work } else { &sprites.alive };
        canvas.copy(sprite, mark.at.x, mark.at.y);
    }

    fn stamp(&self, lane: Option<u16>) -> usize {
        lane.map_or(STAMPS, |lane| usize::from(lane) % STAMPS)
    }

    /// How often it failed.
    fn badge(&self, canvas: &Canvas, x: f64, y: f64, tries: u32) {
        canvas.disc(x, y, 6.5, &self.theme.bad);
        canvas.words(&tries.to_string(), x, y + 0.5, &self.font(9, true), &self.theme.on_colour);
    }

    fn working(&self, canvas: &Canvas, mark: &Mark, left: f64, tries: u32) {
        let Point { x, y } = mark.at;
        let Theme { ink, bad, .. } = &self.theme;
        self.letter(canvas, mark, true);
        // The last quarter is thicker: that time runs out shows without colour, too.
        let (width, colour) = if left < 0.25 { (4.5, bad) } else { (3.0, ink) };
        canvas.ring(x, y, RING, left, width, colour);
        if tries > 0 {
            self.badge(canvas, x + 11.0, y - 11.0, tries);
        }
    }

    fn waiting(&self, canvas: &Canvas, at: Point, left: f64, tries: u32, blocked: bool) {
        let Theme { wait, ink, plate, .. } = &self.theme;
        canvas.disc(at.x, at.y, WAIT, plate);
        canvas.pie(at.x, at.y, WAIT, left, wait);
        canvas.ring(at.x, at.y, WAIT, 1.0, 1.5, wait);
        if tries > 0 || blocked {
            let text = if blocked { "…".to_owned() } else { tries.to_string() };
            canvas.disc(at.x, at.y, 6.5, plate);
            canvas.words(&text, at.x, at.y + 0.5, &self.font(10, true), ink);
        }
    }

    fn dead(&self, canvas: &Canvas, lane: Option<u16>, x: f64, y: f64, tilt: f64) {
        let Some(sprites) = self.letters.get(self.stamp(lane)) else { return };
        canvas.moved(x, y, tilt, 0.9);
        canvas.copy(&sprites.dead, 0.0, 0.0);
        canvas.back();
    }

    fn star(&self, canvas: &Canvas, x: f64, y: f64, radius: f64) {
        let corners = STAR.iter().map(|(dx, dy)| (x + radius * dx, y + radius * dy));
        canvas.polygon(corners, &self.theme.bad);
    }

    fn ending(&self, canvas: &Canvas, Point { x, y }: Point, end: End, share: f64) {
        let Theme { wait, .. } = &self.theme;
        canvas.opacity((1.2 * (1.0 - share)).min(1.0));
        match end {
            End::Delivered => {
                let wider = (share * DELIVERED.1 as f64).round() as usize;
                if let Some(sprite) = self.delivered.get(wider) {
                    canvas.copy(sprite, x, y);
                }
            }
            End::Failed => self.star(canvas, x, y, 10.0 + 9.0 * share),
            End::Duplicate => canvas.ring(x, y, 9.0 + 5.0 * share, 1.0, 2.5, wait),
            End::Late => canvas.ring(x, y, 5.0 + 3.0 * share, 1.0, 2.0, wait),
        }
        canvas.opacity(1.0);
    }

    fn bar(&self, canvas: &Canvas, rect: Rect, fill: f64, count: u64) {
        let Theme { letter, letter_edge, hole, ink, plate, .. } = &self.theme;
        canvas.plate(rect.x, rect.y, rect.w, rect.h, 5.0, letter_edge);
        canvas.plate(rect.x + 1.0, rect.y + 1.0, rect.w - 2.0, rect.h - 2.0, 4.0, hole);
        let filled = (rect.w - 2.0) * fill;
        let left = rect.right() - 1.0 - filled;
        canvas.plate(left, rect.y + 1.0, filled, rect.h - 2.0, 4.0, letter);
        // The edges of letters that stand side by side.
        let mut x = rect.right() - 4.0;
        while x > left + 2.0 {
            canvas.line([(x, rect.y + 2.0), (x, rect.bottom() - 2.0)], 1.0, letter_edge);
            x -= 4.0;
        }
        let text = format!("+{}", words::count(count));
        let width = 7.2 * text.len() as f64 + 12.0;
        let middle = rect.middle();
        canvas.plate(middle.x - width / 2.0, middle.y - 9.0, width, 18.0, 9.0, plate);
        canvas.words(&text, middle.x, middle.y + 0.5, &self.font(12, true), ink);
    }

    fn stream(&self, canvas: &Canvas, at: Point, count: u64) {
        let Theme { letter, letter_edge, ink, .. } = &self.theme;
        let text = format!("+{} ›", words::count(count));
        let width = 7.0 * text.len() as f64 + 14.0;
        canvas.plate(at.x - width / 2.0 - 1.0, at.y - 11.0, width + 2.0, 22.0, 11.0, letter_edge);
        canvas.plate(at.x - width / 2.0, at.y - 10.0, width, 20.0, 10.0, letter);
        canvas.words(&text, at.x, at.y + 0.5, &self.font(12, true), ink);
    }
}

/// A letter around the origin: its back, with flap and seal. A dead one has a black edge.
fn letter(canvas: &Canvas, theme: &Theme, seal: &str, is_dead: bool) {
    let (w, h) = LETTER;
    let (left, top) = (-w / 2.0, -h / 2.0);
    canvas.plate(left + 0.5, top + 1.5, w, h, 2.5, &theme.shadow);
    let edge = if is_dead { &theme.mourning } else { &theme.letter_edge };
    let border = if is_dead { 2.6 } else { 1.0 };
    canvas.plate(left, top, w, h, 2.5, edge);
    let inner = (w - 2.0 * border, h - 2.0 * border);
    canvas.plate(left + border, top + border, inner.0, inner.1, 1.5, &theme.letter);
    let flap =
        [(left + border, top + border + 0.5), (0.0, 1.5), (-left - border, top + border + 0.5)];
    canvas.line(flap, 1.1, edge);
    if is_dead {
        canvas.line([(-3.0, -2.0), (3.0, 4.0)], 1.8, &theme.mourning);
        canvas.line([(3.0, -2.0), (-3.0, 4.0)], 1.8, &theme.mourning);
    } else {
        canvas.disc(0.0, 1.5, 3.6, seal);
    }
}
