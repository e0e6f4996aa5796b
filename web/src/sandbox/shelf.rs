//! Scenarios that the reader keeps in the browser, by name.

use serde::{Deserialize, Serialize};

/// The version of shelves that this page writes and reads.
pub const SHELF_VERSION: u32 = 1;
/// Scenarios on a shelf.
pub const SHELF_MAX: usize = 50;
/// Characters in a name.
pub const SHELF_NAME_MAX: usize = 60;

/// What is kept, in the order of keeping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shelf {
    version: u32,
    scenarios: Vec<Kept>,
}

/// A scenario that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// What the reader calls it.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Why a shelf was left as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShelfError {
    /// Give it a name.
    #[error("give it a name of 1 to {SHELF_NAME_MAX} characters")]
    Name,
    /// Delete one.
    #[error("{SHELF_MAX} scenarios are kept already: delete one, or download it as a file")]
    TooMany,
    /// Load a newer page.
    #[error("what is kept here was written by a newer page: reload this one")]
    Newer,
    /// Something else wrote it.
    #[error("what is kept here cannot be read: something else has written it")]
    Damaged,
}

impl Default for Shelf {
    fn default() -> Self {
        Self { version: SHELF_VERSION, scenarios: Vec::new() }
    }
}

impl Shelf {
    /// Reads what [`Shelf::to_json`] wrote; nothing kept is an empty shelf.
    ///
    /// # Errors
    /// [`ShelfError`] for what this page does not know.
    pub fn from_json(text: Option<&str>) -> Result<Self, ShelfError> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let Some(text) = text else { return Ok(Self::default()) };
        let Versioned { version } = serde_json::from_str(text).map_err(|_| ShelfError::Damaged)?;
        if version > SHELF_VERSION {
            return Err(ShelfError::Newer);
        }
        serde_json::from_str(text).map_err(|_| ShelfError::Damaged)
    }

    /// All of it as text.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What is kept, in the order of keeping.
    #[must_use]
    pub fn scenarios(&self) -> &[Kept] {
        &self.scenarios
    }

    /// The shelf with a text on it, in the place of one of the same name.
    ///
    /// # Errors
    /// [`ShelfError`] for a bad name, or too many.
    pub fn with(&self, name: &str, text: &str) -> Result<Self, ShelfError> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > SHELF_NAME_MAX {
            return Err(ShelfError::Name);
        }
        let mut shelf = self.without(name);
        if shelf.scenarios.len() == SHELF_MAX {
            return Err(ShelfError::TooMany);
        }
        shelf.scenarios.push(Kept { name: name.to_owned(), text: text.to_owned() });
        Ok(shelf)
    }

    /// The shelf without the scenario of this name.
    #[must_use]
    pub fn without(&self, name: &str) -> Self {
        let mut shelf = self.clone();
        shelf.scenarios.retain(|kept| kept.name != name);
        shelf
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back() {
        let shelf = Shelf::default().with(" mine ", "{}").and_then(|shelf| shelf.with("b", "1"));
        let shelf = shelf.and_then(|shelf| shelf.with("mine", "{ }")).unwrap();
        let read = Shelf::from_json(Some(&shelf.to_json())).unwrap();
        assert_eq!(read, shelf);
        let names: Vec<_> =
            read.scenarios().iter().map(|kept| (&*kept.name, &*kept.text)).collect();
        assert_eq!(names, [("b", "1"), ("mine", "{ }")], "the same name is the same place");
        assert_eq!(read.without("b").scenarios().len(), 1);
        assert_eq!(Shelf::from_json(None), Ok(Shelf::default()));
    }

    #[test]
    fn a_shelf_has_its_limits() {
        let mut shelf = Shelf::default();
        for n in 0..SHELF_MAX {
            shelf = shelf.with(&n.to_string(), "").unwrap();
        }
        assert_eq!(shelf.with("more", ""), Err(ShelfError::TooMany));
        assert!(shelf.with("0", "again").is_ok());
        let longest = "ü".repeat(SHELF_NAME_MAX);
        assert!(Shelf::default().with(&longest, "").is_ok());
        for name in [format!("{longest}x"), " ".into(), String::new()] {
            assert_eq!(Shelf::default().with(&name, ""), Err(ShelfError::Name));
        }
    }

    #[test]
    fn what_others_wrote_is_told() {
        let newer = r#"{"version":2,"drawers":[]}"#;
        assert_eq!(Shelf::from_json(Some(newer)), Err(ShelfError::Newer));
        for text in ["", "[]", "{}", r#"{"version":1}"#, r#"{"version":1,"scenarios":[1]}"#] {
            assert_eq!(Shelf::from_json(Some(text)), Err(ShelfError::Damaged), "{text}");
        }
    }
}
