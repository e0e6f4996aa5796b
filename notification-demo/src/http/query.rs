//! Query parameters, as strictly as bodies.

use std::{borrow::Cow, str::FromStr};

use axum::http::Uri;

use crate::http::{json::Mistakes, problem::Problem};

/// The parameters of a request, taken one by one.
pub(crate) struct Query<'a> {
    parameters: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    mistakes: Mistakes,
}

impl<'a> Query<'a> {
    pub(crate) fn of(uri: &'a Uri) -> Self {
        let query = uri.query().unwrap_or_default();
        let parameters = form_urlencoded::parse(query.as_bytes()).collect();
        Self { parameters, mistakes: Mistakes::default() }
    }

    /// A parameter that may be absent.
    pub(crate) fn optional<T>(&mut self, name: &str) -> Option<T>
    where
        T: FromStr,
        T::Err: std::fmt::Display,
    {
        let text = self.take(name)?;
        text.parse().map_err(|error| self.mistakes.add(name, format!("{error}"))).ok()
    }

    /// An integer within `range`, or `default`.
    pub(crate) fn integer(
        &mut self,
        name: &str,
        range: std::ops::RangeInclusive<u32>,
        default: u32,
    ) -> u32 {
        let Some(text) = self.take(name) else { return default };
        text.parse().ok().filter(|number| range.contains(number)).unwrap_or_else(|| {
            let (least, most) = range.into_inner();
            self.mistakes.add(name, format!("must be an integer from {least} to {most}"));
            default
        })
    }

    /// Whatever was not taken is unknown.
    pub(crate) fn finish(mut self, known: &str) -> Result<(), Problem> {
        for (name, _) in &self.parameters {
            let name: String = name.chars().take(80).collect();
            self.mistakes.add(name, format!("is unknown: leave it out; known are {known}"));
        }
        self.mistakes.none_or(Some(()))
    }

    fn take(&mut self, name: &str) -> Option<String> {
        let place = self.parameters.iter().position(|(given, _)| given == name)?;
        let (_, value) = self.parameters.remove(place);
        let others = self.parameters.len();
        self.parameters.retain(|(given, _)| given != name);
        if self.parameters.len() < others {
            self.mistakes.add(name, "is given more than once: give it once");
        }
        Some(value.into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_strictly() {
        let read = |query: &str| {
            let uri: Uri = format!("/?{query}").parse().unwrap();
            let mut query = Query::of(&uri);
            let limit = query.integer("limit", 1..=10, 5);
            query.finish("`limit`").map(|()| limit).is_ok_and(|limit| limit <= 10)
        };
        for good in ["", "limit=1", "limit=10"] {
            assert!(read(good), "{good}");
        }
        for wrong in ["limit=0", "limit=11", "limit=", "limit=x", "limit=1&limit=2", "skip=1"] {
            assert!(!read(wrong), "{wrong}");
        }
    }
}
