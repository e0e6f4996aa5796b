//! How a scenario is drawn where somebody has moved its parts by hand. It means nothing for the run.

use serde::{Deserialize, Serialize};

use crate::{
    limits::{DRAWING_WIDTH_MAX, DRAWING_WIDTH_MIN, PLACE_MAX, PLACES_MAX},
    scenario::{Scenario, ScenarioError, clip, out_of_range},
    topology::Topology,
};

/// Where parts stand that were moved by hand. A run takes the same course without it.
///
/// Every part that is not listed stands where the automatic layout of this width puts it.
///
/// # Example: a queue that was moved
/// ```
/// use postroom_simulator::{Drawing, DrawnPart, Place};
///
/// let queue = Place { part: DrawnPart::Queue, name: "jobs".to_owned(), x: 240, y: 80 };
/// let drawing = Drawing { width: 1_000, places: vec![queue] };
/// let text = serde_json::to_string(&drawing)?;
/// assert!(text.ends_with(r#"[{"part":"queue","name":"jobs","x":240,"y":80}]}"#));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Drawing {
    /// How wide the picture was in which they were moved, in pixels; from 200 to 4,000. Elsewhere
    /// it is shown smaller where there is less room.
    pub width: u32,
    /// The parts that were moved; at most 200, each once.
    pub places: Vec<Place>,
}

/// Where a part stands: the upper left corner of its box.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// What it is.
    pub part: DrawnPart,
    /// Its name. Producers that share a stream are one part, of the stream's name.
    pub name: String,
    /// Pixels from the left; at most 10,000.
    pub x: u32,
    /// Pixels from the top; at most 10,000.
    pub y: u32,
}

/// What a part is that can be moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DrawnPart {
    /// One of the producers, or those that share a stream.
    Producer,
    /// A topic of the system.
    Topic,
    /// A queue of the system, with the tray for its dead letters.
    Queue,
    /// A consumer of the system, with its provider.
    Worker,
    /// One of the callers.
    Caller,
    /// One of the services that are called directly.
    Service,
}

impl DrawnPart {
    /// It in a word, as in the document.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Producer => "producer",
            Self::Topic => "topic",
            Self::Queue => "queue",
            Self::Worker => "worker",
            Self::Caller => "caller",
            Self::Service => "service",
        }
    }
}

impl Drawing {
    /// Keeps the place of a part, instead of the one that it had.
    pub fn put(&mut self, place: Place) {
        let mut places = self.places.iter_mut();
        match places.find(|each| (each.part, &each.name) == (place.part, &place.name)) {
            Some(before) => *before = place,
            None => self.places.push(place),
        }
    }

    fn check(&self, scenario: &Scenario<Topology>) -> Result<(), ScenarioError> {
        if !(DRAWING_WIDTH_MIN..=DRAWING_WIDTH_MAX).contains(&self.width) {
            return Err(out_of_range("drawing.width", "200 to 4,000"));
        }
        let found = self.places.len();
        if found > PLACES_MAX {
            return Err(ScenarioError::TooMany { field: "drawing.places", found, max: PLACES_MAX });
        }
        for (i, place) in self.places.iter().enumerate() {
            for (axis, pixels) in [("x", place.x), ("y", place.y)] {
                if pixels > PLACE_MAX {
                    let field = format!("drawing.places[{i}].{axis}");
                    return Err(out_of_range(&field, "0 to 10,000"));
                }
            }
            let Place { part, name, .. } = place;
            let (field, name, what) =
                (format!("drawing.places[{i}].name"), clip(name.clone()), part.word());
            if !place.is_in(scenario) {
                return Err(ScenarioError::NoSuch { field, name, what });
            }
            let is_it = |each: &Place| (each.part, &each.name) == (place.part, &place.name);
            if self.places[..i].iter().any(is_it) {
                return Err(ScenarioError::NameTaken { field, name });
            }
        }
        Ok(())
    }
}

impl Place {
    fn is_in(&self, scenario: &Scenario<Topology>) -> bool {
        let (system, name) = (&scenario.system, &self.name);
        match self.part {
            DrawnPart::Producer => scenario.producers.iter().any(|it| it.stream_name() == name),
            DrawnPart::Topic => system.topics.iter().any(|it| it.name == *name),
            DrawnPart::Queue => system.queues.iter().any(|it| it.name == *name),
            DrawnPart::Worker => system.consumers.iter().any(|it| it.name == *name),
            DrawnPart::Caller => scenario.callers.iter().any(|it| it.name == *name),
            DrawnPart::Service => scenario.services.iter().any(|it| it.name == *name),
        }
    }
}

impl Scenario<Topology> {
    /// Checks where its parts stand in a picture. A run does not ask: whoever draws the scenario
    /// does, or whoever reads it for somebody who wrote it.
    ///
    /// # Errors
    /// As [`ScenarioError`] says; the text names the field.
    ///
    /// # Example: a part that is not there
    /// ```
    /// use postroom_simulator::{Drawing, DrawnPart, Place, Scenario, Topology};
    ///
    /// let mut scenario = Scenario::new("empty", 1, Topology::default());
    /// let jobs = Place { part: DrawnPart::Queue, name: "jobs".to_owned(), x: 240, y: 80 };
    /// scenario.drawing = Some(Drawing { width: 1_000, places: vec![jobs] });
    /// let error = scenario.check_drawing().unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "`drawing.places[0].name` names `jobs`: there is no such queue"
    /// );
    /// ```
    pub fn check_drawing(&self) -> Result<(), ScenarioError> {
        self.drawing.as_ref().map_or(Ok(()), |drawing| drawing.check(self))
    }
}
