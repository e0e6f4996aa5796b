//! What the document of a filter means.

use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use core::ops::Bound;

use super::{
    AnythingBut, Condition, Filter, FilterError, Number, NumberRange,
    document::Node,
    filter::{ALTERNATIVES, Field, OR},
};

const FILTER: &str = "an object: under each attribute's name a list of conditions";
const CONDITIONS: &str = "a list of conditions (an attribute has no attributes in it)";
const CONDITION: &str = "a text, a whole number, or an object with one condition";
const TEXT: &str = "a text";
const TEXTS: &str = "a text or a list of texts";
const TRUTH: &str = "true or false";
const ANYTHING_BUT: &str = "a text, a whole number, a list of texts, a list of whole numbers, or \
    an object with one of prefix, suffix and equals-ignore-case";
const RANGE: &str = "a list of an operator and its number: `=`; or `>` or `>=`, and after it `<` \
    or `<=`; or one of these";
const NUMBER: &str = "a whole number, or a number in quotes";

pub(super) fn compile(node: Node) -> Result<Filter, FilterError> {
    let filter = filter(node, &Field::Filter)?;
    filter.check()?;
    Ok(filter)
}

fn filter(node: Node, field: &Field<'_>) -> Result<Filter, FilterError> {
    let Node::Object(members) = node else { return Err(malformed(field, FILTER)) };
    let mut compiled = Filter::default();
    for (name, node) in members {
        let field = &Field::Name(field, &name);
        if name != OR {
            let conditions = list(node, field, CONDITIONS, condition)?;
            if compiled.set(name.clone(), conditions) {
                return Err(FilterError::Twice { field: field.to_string() });
            }
        } else if compiled.alternatives.is_empty() {
            compiled.alternatives = list(node, field, ALTERNATIVES, filter)?;
            if compiled.alternatives.len() < 2 {
                return Err(malformed(field, ALTERNATIVES));
            }
        } else {
            return Err(FilterError::Twice { field: field.to_string() });
        }
    }
    Ok(compiled)
}

fn condition(node: Node, field: &Field<'_>) -> Result<Condition, FilterError> {
    let (name, node) = match node {
        Node::Text(text) => return Ok(Condition::Equals(text)),
        Node::Whole(whole) => return Ok(Condition::Numeric(NumberRange::exactly(whole.into()))),
        node => only_member(node).ok_or_else(|| malformed(field, CONDITION))?,
    };
    let inside = &Field::Name(field, &name);
    Ok(match name.as_str() {
        "prefix" => Condition::Prefix(text(node, inside)?),
        "suffix" => Condition::Suffix(text(node, inside)?),
        "equals-ignore-case" => Condition::EqualsIgnoreCase(text(node, inside)?),
        "numeric" => Condition::Numeric(range(node, inside)?),
        "anything-but" => Condition::AnythingBut(anything_but(node, inside)?),
        "exists" => match node {
            Node::Truth(there) => Condition::Exists(there),
            _ => return Err(malformed(inside, TRUTH)),
        },
        _ => return Err(FilterError::UnknownCondition { field: field.to_string(), name }),
    })
}

fn anything_but(node: Node, field: &Field<'_>) -> Result<AnythingBut, FilterError> {
    if !matches!(node, Node::Object(_)) {
        let nodes = one_or_many(node);
        let numbers = nodes.iter().map(|node| match node {
            Node::Whole(whole) => Some(*whole),
            _ => None,
        });
        return match numbers.collect() {
            Some(numbers) => Ok(AnythingBut::Numbers(numbers)),
            None => texts(nodes).map(AnythingBut::Texts).ok_or(ANYTHING_BUT),
        }
        .map_err(|expected| malformed(field, expected));
    }
    let (name, node) = only_member(node).ok_or_else(|| malformed(field, ANYTHING_BUT))?;
    let kind = match name.as_str() {
        "prefix" => AnythingBut::Prefixes,
        "suffix" => AnythingBut::Suffixes,
        "equals-ignore-case" => AnythingBut::TextsIgnoreCase,
        _ => return Err(malformed(field, ANYTHING_BUT)),
    };
    let field = &Field::Name(field, &name);
    texts(one_or_many(node)).map(kind).ok_or_else(|| malformed(field, TEXTS))
}

fn range(node: Node, field: &Field<'_>) -> Result<NumberRange, FilterError> {
    let parts = match &node {
        Node::List(parts) => parts.as_slice(),
        _ => &[],
    };
    let number = |index: usize| number(&parts[index], &Field::Item(field, index));
    let (from, to) = match parts {
        [Node::Text(operator), _] => {
            let number = number(1)?;
            match operator.as_str() {
                "=" => (Some(Bound::Included(number)), Some(Bound::Included(number))),
                "<" | "<=" => (Some(Bound::Unbounded), upper(operator, number)),
                _ => (lower(operator, number), Some(Bound::Unbounded)),
            }
        }
        [Node::Text(first), _, Node::Text(second), _] => {
            (lower(first, number(1)?), upper(second, number(3)?))
        }
        _ => (None, None),
    };
    let (from, to) = from.zip(to).ok_or_else(|| malformed(field, RANGE))?;
    NumberRange::new(from, to).ok_or_else(|| FilterError::EmptyRange { field: field.to_string() })
}

fn lower(operator: &str, number: Number) -> Option<Bound<Number>> {
    match operator {
        ">" => Some(Bound::Excluded(number)),
        ">=" => Some(Bound::Included(number)),
        _ => None,
    }
}

fn upper(operator: &str, number: Number) -> Option<Bound<Number>> {
    match operator {
        "<" => Some(Bound::Excluded(number)),
        "<=" => Some(Bound::Included(number)),
        _ => None,
    }
}

fn number(node: &Node, field: &Field<'_>) -> Result<Number, FilterError> {
    match node {
        Node::Whole(whole) => Ok((*whole).into()),
        Node::Text(text) => text
            .parse()
            .map_err(|problem| FilterError::Number { field: field.to_string(), problem }),
        _ => Err(malformed(field, NUMBER)),
    }
}

fn text(node: Node, field: &Field<'_>) -> Result<String, FilterError> {
    match node {
        Node::Text(text) => Ok(text),
        _ => Err(malformed(field, TEXT)),
    }
}

fn texts(nodes: Vec<Node>) -> Option<Vec<String>> {
    let text = |node| match node {
        Node::Text(text) => Some(text),
        _ => None,
    };
    nodes.into_iter().map(text).collect()
}

fn one_or_many(node: Node) -> Vec<Node> {
    match node {
        Node::List(nodes) => nodes,
        node => Vec::from([node]),
    }
}

/// The one member of an object that has one.
fn only_member(node: Node) -> Option<(String, Node)> {
    match node {
        Node::Object(mut members) if members.len() == 1 => members.pop(),
        _ => None,
    }
}

fn list<T>(
    node: Node,
    field: &Field<'_>,
    expected: &'static str,
    each: fn(Node, &Field<'_>) -> Result<T, FilterError>,
) -> Result<Vec<T>, FilterError> {
    let Node::List(nodes) = node else { return Err(malformed(field, expected)) };
    let nodes = nodes.into_iter().enumerate();
    nodes.map(|(index, node)| each(node, &Field::Item(field, index))).collect()
}

fn malformed(field: &Field<'_>, expected: &'static str) -> FilterError {
    FilterError::Malformed { field: field.to_string(), expected }
}
