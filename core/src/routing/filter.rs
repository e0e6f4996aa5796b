//! Filters: which messages, by their attributes.

use alloc::{
    collections::BTreeMap,
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;

use super::{Condition, NumberError};
use crate::limits::{FILTER_BYTES_MAX, FILTER_CONDITIONS_MAX, FILTER_DEPTH_MAX};

/// The name under which alternatives stand.
pub(super) const OR: &str = "$or";

/// Selects messages by their attributes. The empty filter selects all.
///
/// It is written as the event patterns of Amazon EventBridge are. Each attribute has a list of
/// conditions, one of which must hold; every attribute named must have one that does. Under `$or`
/// stand two or more filters, one of which must hold as well.
///
/// | written | holds where the attribute is there and its value |
/// |---|---|
/// | `"paid"` | is this text |
/// | `300` | is this number: `300`, `300.0`, `3e2` |
/// | `{"equals-ignore-case": "paid"}` | is this text in capitals or not (`A` to `Z` only) |
/// | `{"prefix": "eu-"}`, `{"suffix": ".png"}` | starts or ends with this text |
/// | `{"numeric": [">=", 10, "<", "99.5"]}` | is a number in this range: `=`, or one of `>`, `>=`, or one of `<`, `<=`, or both in this order |
/// | `{"anything-but": "paid"}`, or a list | is none of these texts |
/// | `{"anything-but": 300}`, or a list | is none of these whole numbers |
/// | `{"anything-but": {"prefix": "eu-"}}`, or a list in it; likewise `suffix`, `equals-ignore-case` | does not start with any of these |
/// | `{"exists": true}` | is whatever it is |
/// | `{"exists": false}` | is not there, and so is the attribute: the only condition for that |
///
/// Names and texts are case-sensitive. An attribute is a text, and a condition on numbers reads it
/// as JSON would ([`Number`](crate::Number)): `"17"` is a number, `"017"` and `"17 "` are not, and
/// what is not a number satisfies no condition on numbers but `anything-but`.
///
/// A filter that cannot be meant is refused when it is read, and again when it is subscribed:
/// [`FilterError`] says why. It holds at most [`FILTER_CONDITIONS_MAX`] values in
/// [`FILTER_BYTES_MAX`] bytes of names and texts, and `$or` within `$or` at most
/// [`FILTER_DEPTH_MAX`] deep.
///
/// Other than in EventBridge: attributes are flat, so there are no objects in objects; a decimal is
/// written in quotes, so that it stays exact; `true`, `false` and `null` are texts like others; the
/// same name twice, and two conditions in one object, are refused; `$or` is always the operator.
/// There is no `wildcard`, `cidr`, or `equals-ignore-case` inside `prefix` and `suffix`.
///
/// # Example: paid orders, large or from the EU
/// ```
/// use std::collections::BTreeMap;
/// use postroom_core::Filter;
///
/// let filter: Filter = serde_json::from_str(
///     r#"{"state": ["paid"],
///         "$or": [{"total": [{"numeric": [">=", "999.50"]}]}, {"region": [{"prefix": "eu-"}]}]}"#,
/// )?;
/// let order = |state: &str, total: &str, region: &str| {
///     let attributes = [("state", state), ("total", total), ("region", region)];
///     filter.matches(&BTreeMap::from(attributes.map(|(k, v)| (k.to_owned(), v.to_owned()))))
/// };
/// assert!(order("paid", "1000", "us-east"));
/// assert!(order("paid", "20", "eu-west"));
/// assert!(!order("paid", "20", "us-east"));
/// assert!(!order("open", "1000", "eu-west"));
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Example: the same in Rust
/// ```
/// use core::ops::Bound;
/// use postroom_core::{Condition, Filter, NumberRange};
///
/// let large = NumberRange::new(Bound::Included("999.50".parse()?), Bound::Unbounded);
/// let large = Condition::Numeric(large.expect("there are numbers above"));
/// let european = Condition::Prefix("eu-".to_owned());
/// let filter = Filter::from([("state".to_owned(), vec!["paid".to_owned()])]).and_one_of([
///     Filter::default().and("total", [large]),
///     Filter::default().and("region", [european]),
/// ]);
/// assert_eq!(filter.check(), Ok(()));
/// # Ok::<(), postroom_core::NumberError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// In the order of their names, each once.
    pub(super) attributes: Vec<(String, Vec<Condition>)>,
    /// Either none or several.
    pub(super) alternatives: Vec<Filter>,
}

/// Why a filter is refused. `field` is the place, such as `filter.$or[1].price[0]`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FilterError {
    /// Write what is expected there.
    #[error("`{field}`: write {expected} here")]
    Malformed {
        /// Where.
        field: String,
        /// What is expected.
        expected: &'static str,
    },
    /// Use one of the conditions that there are. Their names are in small letters.
    #[error(
        "`{field}`: there is no condition `{name}`: use prefix, suffix, equals-ignore-case, \
        anything-but, numeric or exists"
    )]
    UnknownCondition {
        /// Where.
        field: String,
        /// Its name.
        name: String,
    },
    /// Write the number otherwise.
    #[error("`{field}`: {problem}")]
    Number {
        /// Where.
        field: String,
        /// What is wrong with it.
        problem: NumberError,
    },
    /// Correct the bounds: no number is between them.
    #[error("`{field}`: no number is in this range: correct its bounds")]
    EmptyRange {
        /// Where.
        field: String,
    },
    /// Give at least one condition, value or letter: a filter would select nothing, or everything.
    #[error("`{field}` is empty: give something to compare with, or leave it out")]
    Empty {
        /// Where.
        field: String,
    },
    /// Write one list of all conditions of the attribute.
    #[error("`{field}` stands twice: put its conditions into one list")]
    Twice {
        /// Where.
        field: String,
    },
    /// Name the attribute otherwise.
    #[error(
        "`{field}`: `$or` is for alternatives: an attribute of that name cannot be filtered by"
    )]
    Reserved {
        /// Where.
        field: String,
    },
    /// Put fewer alternatives into alternatives.
    #[error("`{field}` is inside more than {FILTER_DEPTH_MAX} `$or`: use fewer levels")]
    TooDeep {
        /// Where.
        field: String,
    },
    /// Use fewer values, or two subscriptions to two queues.
    #[error("the filter has {count} values: give at most {FILTER_CONDITIONS_MAX}")]
    TooManyConditions {
        /// How many it has.
        count: u64,
    },
    /// Use fewer or shorter names and texts.
    #[error("the filter's names and texts have {bytes} bytes: give at most {FILTER_BYTES_MAX}")]
    TooLong {
        /// How many it has.
        bytes: u64,
    },
}

impl Filter {
    /// The filter, and besides one of these conditions on an attribute. What it asked of this
    /// attribute so far is forgotten.
    #[must_use]
    pub fn and(mut self, name: &str, conditions: impl Into<Vec<Condition>>) -> Self {
        self.set(name.into(), conditions.into());
        self
    }

    /// The filter, and besides one of these filters: two or more. Alternatives that it had so far
    /// are forgotten.
    #[must_use]
    pub fn and_one_of(mut self, alternatives: impl Into<Vec<Self>>) -> Self {
        self.alternatives = alternatives.into();
        self
    }

    /// Whether a message with these attributes is selected.
    #[must_use]
    pub fn matches(&self, attributes: &BTreeMap<String, String>) -> bool {
        let holds = |(name, conditions): &(String, Vec<Condition>)| {
            let value = attributes.get(name).map(String::as_str);
            conditions.iter().any(|condition| condition.matches(value))
        };
        self.attributes.iter().all(holds)
            && (self.alternatives.is_empty()
                || self.alternatives.iter().any(|filter| filter.matches(attributes)))
    }

    /// Sets the conditions on an attribute; whether there were others before.
    pub(super) fn set(&mut self, name: String, conditions: Vec<Condition>) -> bool {
        match self.attributes.binary_search_by(|(each, _)| each.cmp(&name)) {
            Ok(place) => {
                self.attributes[place].1 = conditions;
                true
            }
            Err(place) => {
                self.attributes.insert(place, (name, conditions));
                false
            }
        }
    }

    /// Whether it can be subscribed: a filter that was read from a document always can.
    ///
    /// # Errors
    /// As [`FilterError`] says; the first problem only.
    pub fn check(&self) -> Result<(), FilterError> {
        let (mut count, mut bytes) = (0, 0);
        self.check_below(&Field::Filter, 0, &mut |values, length| {
            count += values as u64;
            bytes += length as u64;
        })?;
        if count > u64::from(FILTER_CONDITIONS_MAX) {
            return Err(FilterError::TooManyConditions { count });
        }
        if bytes > u64::from(FILTER_BYTES_MAX) {
            return Err(FilterError::TooLong { bytes });
        }
        Ok(())
    }

    fn check_below(
        &self,
        field: &Field<'_>,
        depth: u32,
        count: &mut dyn FnMut(usize, usize),
    ) -> Result<(), FilterError> {
        if depth > FILTER_DEPTH_MAX {
            return Err(FilterError::TooDeep { field: field.to_string() });
        }
        if depth > 0 && *self == Self::default() {
            return Err(FilterError::Empty { field: field.to_string() });
        }
        for (name, conditions) in &self.attributes {
            let field = Field::Name(field, name);
            if name == OR {
                return Err(FilterError::Reserved { field: field.to_string() });
            }
            if conditions.is_empty() {
                return Err(FilterError::Empty { field: field.to_string() });
            }
            count(0, name.len());
            for (index, condition) in conditions.iter().enumerate() {
                if matches!(condition, Condition::AnythingBut(what) if what.is_empty()) {
                    return Err(FilterError::Empty {
                        field: Field::Item(&field, index).to_string(),
                    });
                }
                let (values, bytes) = condition.size();
                count(values, bytes);
            }
        }
        let field = Field::Name(field, OR);
        if self.alternatives.len() == 1 {
            return Err(FilterError::Malformed {
                field: field.to_string(),
                expected: ALTERNATIVES,
            });
        }
        for (index, alternative) in self.alternatives.iter().enumerate() {
            alternative.check_below(&Field::Item(&field, index), depth + 1, count)?;
        }
        Ok(())
    }
}

/// What stands under `$or`.
pub(super) const ALTERNATIVES: &str = "a list of two or more filters";

impl<const N: usize> From<[(String, Vec<String>); N]> for Filter {
    /// Each attribute has one of these texts.
    fn from(attributes: [(String, Vec<String>); N]) -> Self {
        let conditions = |texts: Vec<String>| texts.into_iter().map(Condition::Equals).collect();
        let mut filter = Self::default();
        for (name, texts) in attributes {
            filter.set(name, conditions(texts));
        }
        filter
    }
}

/// A place in a filter; put into words only where something is wrong there.
pub(super) enum Field<'a> {
    Filter,
    Name(&'a Field<'a>, &'a str),
    Item(&'a Field<'a>, usize),
}

impl fmt::Display for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Filter => f.write_str("filter"),
            Self::Name(place, name) => write!(f, "{place}.{name}"),
            Self::Item(place, index) => write!(f, "{place}[{index}]"),
        }
    }
}
