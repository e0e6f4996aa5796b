//! A canvas to draw on, sharp on every screen.

use std::f64::consts::TAU;

use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, Element, HtmlCanvasElement};

/// Pixels along one edge that every browser draws on.
const PIXELS_MAX: f64 = 4_096.0;

/// A canvas. Lengths are CSS pixels, angles radians, clockwise from the top.
#[derive(Debug)]
pub struct Canvas {
    element: HtmlCanvasElement,
    pen: CanvasRenderingContext2d,
    ratio: f64,
}

impl Canvas {
    /// The canvas that `element` is.
    #[must_use]
    pub fn of(element: Element) -> Option<Self> {
        let element = element.dyn_into::<HtmlCanvasElement>().ok()?;
        let pen = element.get_context("2d").ok()??.dyn_into().ok()?;
        Some(Self { element, pen, ratio: 1.0 })
    }

    /// A canvas that nobody sees, as sharp as this one, to copy from with [`Canvas::copy`].
    #[must_use]
    pub fn sprite(&self, width: f64, height: f64) -> Option<Self> {
        let element = web_sys::window()?.document()?.create_element("canvas").ok()?;
        let mut sprite = Self::of(element)?;
        sprite.size(width, height, self.ratio);
        Some(sprite)
    }

    /// Wipes it, and makes it so large and as sharp as the screen where it is shown `zoom` times as
    /// large; whether that changed.
    pub fn wipe(&mut self, width: f64, height: f64, zoom: f64) -> bool {
        let ratio = web_sys::window().map_or(1.0, |window| window.device_pixel_ratio());
        let ratio = (ratio * zoom).min(PIXELS_MAX / width.max(height).max(1.0)).clamp(1.0, 3.0);
        let pixels = |length: f64| (length * ratio).round() as u32;
        let fits = self.element.width() == pixels(width) && self.element.height() == pixels(height);
        if fits && self.ratio == ratio {
            self.pen.clear_rect(0.0, 0.0, width, height);
            return false;
        }
        self.size(width, height, ratio);
        true
    }

    fn size(&mut self, width: f64, height: f64, ratio: f64) {
        self.ratio = ratio;
        self.element.set_width((width * ratio).round() as u32);
        self.element.set_height((height * ratio).round() as u32);
        let _ = self.pen.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0);
    }

    /// The value of a CSS custom property where the canvas stands.
    #[must_use]
    pub fn property(&self, name: &str) -> String {
        web_sys::window()
            .and_then(|window| window.get_computed_style(&self.element).ok()?)
            .and_then(|style| style.get_property_value(name).ok())
            .map(|value| value.trim().to_owned())
            .unwrap_or_default()
    }

    /// Where a point of the window lies on it.
    #[must_use]
    pub fn locate(&self, client_x: f64, client_y: f64) -> (f64, f64) {
        let frame = self.element.get_bounding_client_rect();
        // It may be shown larger or smaller than it is.
        let scale = f64::from(self.element.width()) / self.ratio / frame.width().max(1.0);
        ((client_x - frame.left()) * scale, (client_y - frame.top()) * scale)
    }

    /// How much of what follows is seen, from 0 to 1.
    pub fn opacity(&self, share: f64) {
        self.pen.set_global_alpha(share);
    }

    /// Draws with (x, y) as the origin, turned by `angle` and scaled, until [`Canvas::back`].
    pub fn moved(&self, x: f64, y: f64, angle: f64, scale: f64) {
        self.pen.save();
        let _ = self.pen.translate(x, y);
        if angle != 0.0 {
            let _ = self.pen.rotate(angle);
        }
        if scale != 1.0 {
            let _ = self.pen.scale(scale, scale);
        }
    }

    /// Ends [`Canvas::moved`].
    pub fn back(&self) {
        self.pen.restore();
    }

    /// Copies a sprite so that its middle is at (x, y), or at most half a pixel of the screen away:
    /// pixels that fall on pixels are copied as they are, which is sharp and costs half as much.
    pub fn copy(&self, sprite: &Self, x: f64, y: f64) {
        let width = f64::from(sprite.element.width()) / sprite.ratio;
        let height = f64::from(sprite.element.height()) / sprite.ratio;
        let on_a_pixel = |place: f64| (place * self.ratio).round() / self.ratio;
        let (left, top) = (on_a_pixel(x - width / 2.0), on_a_pixel(y - height / 2.0));
        let _ = self.pen.draw_image_with_html_canvas_element_and_dw_and_dh(
            &sprite.element,
            left,
            top,
            width,
            height,
        );
    }

    /// A filled rectangle with round corners.
    pub fn plate(&self, x: f64, y: f64, width: f64, height: f64, corner: f64, colour: &str) {
        self.pen.begin_path();
        let corner = corner.min(width / 2.0).min(height / 2.0).max(0.0);
        let (right, bottom) = (x + width, y + height);
        self.pen.move_to(x + corner, y);
        for (x1, y1, x2, y2) in [
            (right, y, right, bottom),
            (right, bottom, x, bottom),
            (x, bottom, x, y),
            (x, y, right, y),
        ] {
            let _ = self.pen.arc_to(x1, y1, x2, y2, corner);
        }
        self.pen.close_path();
        self.pen.set_fill_style_str(colour);
        self.pen.fill();
    }

    /// A filled polygon.
    pub fn polygon(&self, corners: impl IntoIterator<Item = (f64, f64)>, colour: &str) {
        self.trace(corners);
        self.pen.close_path();
        self.pen.set_fill_style_str(colour);
        self.pen.fill();
    }

    /// A line through points.
    pub fn line(&self, points: impl IntoIterator<Item = (f64, f64)>, width: f64, colour: &str) {
        self.trace(points);
        self.pen.set_line_width(width);
        self.pen.set_stroke_style_str(colour);
        self.pen.stroke();
    }

    fn trace(&self, points: impl IntoIterator<Item = (f64, f64)>) {
        self.pen.begin_path();
        for (index, (x, y)) in points.into_iter().enumerate() {
            if index == 0 { self.pen.move_to(x, y) } else { self.pen.line_to(x, y) }
        }
    }

    /// A filled disc.
    pub fn disc(&self, x: f64, y: f64, radius: f64, colour: &str) {
        self.pen.begin_path();
        let _ = self.pen.arc(x, y, radius, 0.0, TAU);
        self.pen.set_fill_style_str(colour);
        self.pen.fill();
    }

    /// The part of a disc that is left when a clock hand has eaten the rest, from 1 to 0.
    pub fn pie(&self, x: f64, y: f64, radius: f64, left: f64, colour: &str) {
        self.pen.begin_path();
        self.pen.move_to(x, y);
        let _ = self.pen.arc(x, y, radius, TAU * (0.75 - left), TAU * 0.75);
        self.pen.close_path();
        self.pen.set_fill_style_str(colour);
        self.pen.fill();
    }

    /// The part of a ring that is left when a clock hand has eaten the rest, from 1 to 0. It is the
    /// area between two arcs: a stroke along one costs several times as much.
    pub fn ring(&self, x: f64, y: f64, radius: f64, left: f64, width: f64, colour: &str) {
        let (start, end) = (TAU * (0.75 - left), TAU * 0.75);
        self.pen.begin_path();
        let _ = self.pen.arc(x, y, radius + width / 2.0, start, end);
        let _ = self.pen.arc_with_anticlockwise(x, y, radius - width / 2.0, end, start, true);
        self.pen.close_path();
        self.pen.set_fill_style_str(colour);
        self.pen.fill();
    }

    /// Words, centred on (x, y).
    pub fn words(&self, text: &str, x: f64, y: f64, font: &str, colour: &str) {
        self.pen.set_font(font);
        self.pen.set_text_align("center");
        self.pen.set_text_baseline("middle");
        self.pen.set_fill_style_str(colour);
        let _ = self.pen.fill_text(text, x, y);
    }
}
