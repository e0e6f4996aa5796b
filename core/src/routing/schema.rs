//! The JSON Schema of filters: they are read by hand, so it is written by hand.

use alloc::{borrow::Cow, string::String};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::Filter;

impl JsonSchema for Filter {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Filter")
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let filter = generator.subschema_for::<Self>();
        let condition = generator.subschema_for::<Condition>();
        json_schema!({
            "description": "Selects messages by their attributes; the empty filter selects all. \
                Each attribute has a list of conditions, one of which must hold; every attribute \
                named must have one that does. It is written as the event patterns of Amazon \
                EventBridge are.",
            "type": "object",
            "properties": {
                "$or": {
                    "description": "Two or more filters, one of which must hold as well; at most \
                        4 deep.",
                    "type": "array",
                    "minItems": 2,
                    "items": filter,
                },
            },
            "additionalProperties": { "type": "array", "minItems": 1, "items": condition },
        })
    }
}

/// Stands for [`super::Condition`], whose document depends on what it says.
struct Condition;

impl JsonSchema for Condition {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("FilterCondition")
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let one = |name: &str, description: &str, value: Schema| {
            let mut object = json_schema!({
                "description": description,
                "type": "object",
                "additionalProperties": false,
            });
            let properties = json_schema!({ name: value });
            object.insert(String::from("properties"), properties.to_value());
            object.insert(
                String::from("required"),
                json_schema!({ "of": [name] }).as_value()["of"].clone(),
            );
            object
        };
        let text = || json_schema!({ "type": "string" });
        let texts = || {
            json_schema!({
                "anyOf": [
                    { "type": "string" },
                    { "type": "array", "minItems": 1, "items": { "type": "string" } },
                ],
            })
        };
        let other = json_schema!({
            "anyOf": [
                { "type": ["string", "integer"] },
                { "type": "array", "minItems": 1, "items": { "type": ["string", "integer"] } },
                one("prefix", "Does not start with any of these.", texts()),
                one("suffix", "Does not end with any of these.", texts()),
                one("equals-ignore-case", "Is none of these, in capitals or not.", texts()),
            ],
        });
        let range = json_schema!({
            "type": "array",
            "minItems": 2,
            "maxItems": 4,
            "items": { "type": ["string", "integer"] },
        });
        json_schema!({
            "anyOf": [
                { "description": "The attribute is this text.", "type": "string" },
                { "description": "The attribute is this number.", "type": "integer" },
                one("equals-ignore-case", "Is this text, in capitals or not.", text()),
                one("prefix", "Starts with this text.", text()),
                one("suffix", "Ends with this text.", text()),
                one(
                    "numeric",
                    "Is a number in this range, such as [\">=\", 10, \"<\", \"99.5\"].",
                    range,
                ),
                one("anything-but", "Is none of these.", other),
                one("exists", "Is there, or is not.", json_schema!({ "type": "boolean" })),
            ],
        })
    }
}
