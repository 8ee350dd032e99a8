//! Values of parameters against the JSON Schema that a control's METADATA gives.

use serde_json::Value;

use crate::settings::Mistake;

/// Checks a value against the part of JSON Schema that METADATA uses. A keyword that is not known here refuses every
/// value: passing over it would accept what the control's author forbade.
///
/// # Errors
/// The member or item at fault, and what it must be.
pub(crate) fn verify(schema: &Value, value: &Value) -> Result<(), Mistake> {
    let Some(keywords) = schema.as_object() else {
        return Err(Mistake::here(
            "the parameter's schema is not an object; mend the control",
        ));
    };
    // The type first: what the other keywords say of a value of another type is beside the point.
    if let Some(wanted) = keywords.get("type") {
        verify_type(wanted, value)?;
    }
    for (keyword, operand) in keywords {
        match keyword.as_str() {
            "type" | "default" | "description" | "title" | "examples" => {}
            "enum" => verify_enum(operand, value)?,
            "minimum" => verify_bound(operand, value, "at least", |value, bound| value >= bound)?,
            "maximum" => verify_bound(operand, value, "at most", |value, bound| value <= bound)?,
            "minLength" => verify_length(operand, value.as_str().map(|text| text.chars().count()), "characters")?,
            "minItems" => verify_length(operand, value.as_array().map(Vec::len), "items")?,
            "items" => {
                for (at, item) in value.as_array().into_iter().flatten().enumerate() {
                    verify(operand, item).map_err(|mistake| mistake.item(at))?;
                }
            }
            "required" => verify_required(operand, value)?,
            "properties" | "additionalProperties" => {}
            other => return Err(unknown(other)),
        }
    }
    verify_members(keywords, value)
}

fn unknown(keyword: &str) -> Mistake {
    Mistake::here(format!(
        "the parameter's schema has `{keyword}`, which is not supported; mend the control"
    ))
}

fn verify_type(wanted: &Value, value: &Value) -> Result<(), Mistake> {
    let fits = match wanted.as_str() {
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        _ => return Err(unknown(&format!("type: {wanted}"))),
    };
    if fits {
        return Ok(());
    }
    let wanted = wanted.as_str().unwrap_or("?");
    Err(Mistake::here(format!("must be of type {wanted}")))
}

fn verify_enum(allowed: &Value, value: &Value) -> Result<(), Mistake> {
    let allowed = allowed.as_array().ok_or_else(|| unknown("enum"))?;
    if allowed.contains(value) {
        return Ok(());
    }
    let allowed: Vec<String> = allowed.iter().map(ToString::to_string).collect();
    Err(Mistake::here(format!("must be one of {}", allowed.join(", "))))
}

fn verify_bound(bound: &Value, value: &Value, words: &str, fits: fn(f64, f64) -> bool) -> Result<(), Mistake> {
    let limit = bound.as_f64().ok_or_else(|| unknown("minimum or maximum"))?;
    match value.as_f64() {
        Some(number) if !fits(number, limit) => Err(Mistake::here(format!("must be {words} {bound}"))),
        _ => Ok(()),
    }
}

fn verify_length(least: &Value, length: Option<usize>, what: &str) -> Result<(), Mistake> {
    let limit = least.as_u64().ok_or_else(|| unknown("minLength or minItems"))?;
    match length {
        Some(length) if (length as u64) < limit => Err(Mistake::here(format!("must have at least {least} {what}"))),
        _ => Ok(()),
    }
}

fn verify_required(names: &Value, value: &Value) -> Result<(), Mistake> {
    let names = names.as_array().ok_or_else(|| unknown("required"))?;
    for name in names {
        let name = name.as_str().ok_or_else(|| unknown("required"))?;
        if value.as_object().is_some_and(|members| !members.contains_key(name)) {
            return Err(Mistake::here(format!("`{name}` is missing")));
        }
    }
    Ok(())
}

fn verify_members(schema: &serde_json::Map<String, Value>, value: &Value) -> Result<(), Mistake> {
    let known = schema.get("properties").and_then(Value::as_object);
    for (name, member) in value.as_object().into_iter().flatten() {
        let here = |mistake: Mistake| mistake.under(name);
        match (
            known.and_then(|known| known.get(name)),
            schema.get("additionalProperties"),
        ) {
            (Some(schema), _) => verify(schema, member).map_err(here)?,
            (None, None | Some(Value::Bool(true))) => {}
            (None, Some(Value::Bool(false))) => return Err(here(Mistake::here("there is no such member"))),
            (None, Some(schema)) => verify(schema, member).map_err(here)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::verify;
    use crate::Catalog;
    use serde_json::{Value, json};

    fn verdict(schema: &Value, value: &Value) -> String {
        verify(schema, value).map_or_else(|mistake| mistake.to_string(), |()| "fits".into())
    }

    #[test]
    fn each_keyword_refuses_what_it_forbids() {
        let members = json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}, "additionalProperties": false});
        for (schema, fits, refused, why) in [
            (
                json!({"type": "string"}),
                json!("a"),
                json!(1),
                "must be of type string",
            ),
            (
                json!({"type": "boolean"}),
                json!(true),
                json!("true"),
                "must be of type boolean",
            ),
            (
                json!({"type": "integer"}),
                json!(-1),
                json!(1.5),
                "must be of type integer",
            ),
            (
                json!({"type": "number"}),
                json!(1.5),
                json!("1"),
                "must be of type number",
            ),
            (
                json!({"enum": ["a", "b"]}),
                json!("b"),
                json!("c"),
                "must be one of \"a\", \"b\"",
            ),
            (json!({"minimum": 1}), json!(1), json!(0), "must be at least 1"),
            (json!({"maximum": 1}), json!(1), json!(2), "must be at most 1"),
            (
                json!({"minLength": 1}),
                json!("ä"),
                json!(""),
                "must have at least 1 characters",
            ),
            (
                json!({"minItems": 1}),
                json!([1]),
                json!([]),
                "must have at least 1 items",
            ),
            (
                json!({"type": "array", "items": {"type": "string"}}),
                json!(["a"]),
                json!(["a", 1]),
                "[1]: must be of type string",
            ),
            (members.clone(), json!({"a": 1}), json!({}), "`a` is missing"),
            (
                members.clone(),
                json!({"a": 1}),
                json!({"a": "1"}),
                "a: must be of type integer",
            ),
            (
                members,
                json!({"a": 1}),
                json!({"a": 1, "b": 2}),
                "b: there is no such member",
            ),
            (
                json!({"additionalProperties": {"type": "string"}}),
                json!({"a": "1"}),
                json!({"a": 1}),
                "a: must be of type string",
            ),
        ] {
            assert_eq!(verdict(&schema, &fits), "fits", "{schema}");
            assert_eq!(verdict(&schema, &refused), why, "{schema}");
        }
    }

    #[test]
    fn an_unknown_keyword_refuses_everything() {
        for schema in [
            json!({"pattern": "."}),
            json!({"type": ["string", "null"]}),
            json!(true),
        ] {
            assert_ne!(verdict(&schema, &json!("a")), "fits", "{schema}");
        }
    }

    #[test]
    fn every_default_of_the_catalogue_fits_its_own_schema() {
        let controls = Catalog::builtin().unwrap().controls;
        let params: Vec<_> = controls.iter().flat_map(|control| &control.params).collect();
        assert!(!params.is_empty());
        for (name, schema) in params {
            assert_eq!(verdict(schema, &schema["default"]), "fits", "{name}");
        }
    }
}
