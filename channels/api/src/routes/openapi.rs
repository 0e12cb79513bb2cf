// SPDX-License-Identifier: Apache-2.0

//! The OpenAPI 3.1 document of the REST interface, made from the table of routes.

use super::{Access, Route, table};
use crate::{
    error::{ApiError, Code},
    types::Capability,
    values::IdempotencyKey,
};
use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

/// The header that names a request which moves money.
pub const KEY_HEADER: &str = "idempotency-key";

/// What the document says about the interface as a whole.
const DESCRIPTION: &str = "State channels of a Millrace chain, for programs on the same machine. \
    Amounts are strings in the token's smallest unit, times are seconds since 1970 in UTC. Every \
    request can be made by JSON-RPC 2.0 as well, over WebSocket or HTTP at /rpc: \
    `x-millrace-method` is its name there, and its parameters are one object with the same fields \
    (and `idempotency_key`, where a header of that name is asked for here).";

/// The document for a daemon that lacks some methods, by name and reason: those are left out.
pub fn document(lacks: &[(&'static str, String)]) -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let mut paths = Map::new();
    for route in table() {
        if lacks.iter().any(|(method, _)| *method == route.info.method) {
            continue;
        }
        let operation = operation(&route, &mut generator);
        let path = paths.entry(route.info.path).or_insert_with(|| json!({}));
        path[route.info.verb.as_str().to_lowercase()] = operation;
    }
    let error = generator.subschema_for::<ApiError>();
    let schemas = generator.take_definitions(true);
    sorted(json!({
        "openapi": "3.1.0",
        "info": {
            "title": "millrace-channeld",
            "version": env!("CARGO_PKG_VERSION"),
            "description": DESCRIPTION,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": format!("http://{}", crate::DEFAULT_LISTEN) }],
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "64 hexadecimal digits from the file `token` or `read-token` \
                        in the daemon's folder.",
                },
            },
            "responses": {
                "Refused": {
                    "description": "The request was refused; `code` says why.",
                    "content": { "application/json": { "schema": error } },
                },
            },
        },
    }))
}

/// The document as a file, for a daemon that lacks nothing.
pub fn file() -> String {
    let document = document(&[]);
    // A value without maps of other keys than strings can always be written.
    let text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text + "\n"
}

/// Every method, and whether a daemon that lacks some can do it.
pub(crate) fn capabilities(lacks: &[(&'static str, String)]) -> Vec<Capability> {
    let capability = |route: Route| {
        let method = route.info.method;
        let reason = lacks.iter().find(|(lack, _)| *lack == method);
        Capability {
            method: method.to_owned(),
            available: reason.is_none(),
            reason: reason.map(|(_, reason)| reason.clone()),
        }
    };
    table().into_iter().map(capability).collect()
}

/// One route.
fn operation(route: &Route, generator: &mut SchemaGenerator) -> Value {
    let info = route.info;
    let mut schema = (route.request)(generator).to_value();
    let mut parameters = taken(&mut schema, "path", |name| {
        info.path.split('/').any(|part| part == format!("{{{name}}}"))
    });
    if !info.verb.has_body() {
        parameters.extend(taken(&mut schema, "query", |_| true));
    }
    if info.moves_money {
        parameters.push(key(generator));
    }
    let mut operation = json!({
        "operationId": info.method,
        "summary": info.summary,
        "tags": [info.path.split('/').nth(2).unwrap_or_default()],
        "x-millrace-method": info.method,
        "x-millrace-access": info.access.as_str(),
        "parameters": parameters,
        "responses": {
            "200": {
                "description": "Done, or begun: the answer says how far it has come.",
                "content": { "application/json": { "schema": (route.response)(generator) } },
            },
            "default": { "$ref": "#/components/responses/Refused" },
        },
    });
    if info.verb.has_body() && !properties(&schema).is_empty() {
        operation["requestBody"] = json!({
            "required": schema.get("required").is_some(),
            "content": { "application/json": { "schema": schema } },
        });
    }
    let refusals = operation["responses"].as_object_mut();
    if let (Access::Full, Some(refusals)) = (info.access, refusals) {
        refusals.insert("403".to_owned(), json!({
            "description": Code::Forbidden.meaning(),
            "content": { "application/json": { "schema": generator.subschema_for::<ApiError>() } },
        }));
    }
    operation
}

/// The parameter of a request that moves money.
fn key(generator: &mut SchemaGenerator) -> Value {
    json!({
        "name": "Idempotency-Key",
        "in": "header",
        "required": true,
        "description": "A text that the client uses for this request alone, as a UUID. Repeating \
            the request with it never moves money twice.",
        "schema": generator.subschema_for::<IdempotencyKey>(),
    })
}

fn properties(schema: &Value) -> Vec<String> {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.map(|map| map.keys().cloned().collect()).unwrap_or_default()
}

/// Takes those fields out of a schema of parameters that come in the path or the query.
fn taken(schema: &mut Value, place: &str, wanted: impl Fn(&str) -> bool) -> Vec<Value> {
    let names: Vec<_> = properties(schema).into_iter().filter(|name| wanted(name)).collect();
    let mut parameters = Vec::with_capacity(names.len());
    for name in names {
        let mut property = schema["properties"]
            .as_object_mut()
            .and_then(|properties| properties.remove(&name))
            .unwrap_or_default();
        let required = without(schema, &name);
        let description = property.as_object_mut().and_then(|map| map.remove("description"));
        parameters.push(json!({
            "name": name,
            "in": place,
            "required": required,
            "description": description.unwrap_or_else(|| Value::from("")),
            "schema": property,
        }));
    }
    parameters
}

/// Removes a field from those that a schema requires; whether it was among them.
fn without(schema: &mut Value, name: &str) -> bool {
    let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) else {
        return false;
    };
    let before = required.len();
    required.retain(|field| field != name);
    let was_required = required.len() < before;
    if required.is_empty()
        && let Some(schema) = schema.as_object_mut()
    {
        schema.remove("required");
    }
    was_required
}

/// The same value with the fields of every object in the order of their names, so that the document
/// does not depend on how this program was built.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut fields: Vec<_> = map.into_iter().collect();
            fields.sort_by(|(one, _), (other, _)| one.cmp(other));
            Value::Object(fields.into_iter().map(|(name, value)| (name, sorted(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::BTreeSet, path::Path};

    /// Where the document is. Run the tests with `MILLRACE_BLESS=1` to write it anew.
    const FILE: &str =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/channels-openapi.json");

    /// The operations of a document: HTTP method, path, name in JSON-RPC.
    fn operations(document: &Value) -> BTreeSet<(String, String, String)> {
        let mut found = BTreeSet::new();
        for (path, verbs) in document["paths"].as_object().unwrap() {
            for (verb, operation) in verbs.as_object().unwrap() {
                let method = operation["operationId"].as_str().unwrap();
                found.insert((verb.to_uppercase(), path.clone(), method.to_owned()));
            }
        }
        found
    }

    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(map) => {
                if let Some(Value::String(reference)) = map.get("$ref") {
                    found.insert(reference.clone());
                }
                map.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }

    #[test]
    fn the_document_lists_exactly_the_routes() {
        let routes: BTreeSet<_> = table()
            .iter()
            .map(|route| {
                let info = route.info;
                (info.verb.as_str().to_owned(), info.path.to_owned(), info.method.to_owned())
            })
            .collect();
        assert_eq!(operations(&document(&[])), routes);
    }

    #[test]
    fn what_a_daemon_lacks_is_not_in_its_document() {
        let lacks = [("backup_create", "no disk".to_owned())];
        let rest = operations(&document(&lacks));
        assert_eq!(rest.len() + 1, operations(&document(&[])).len());
        assert!(rest.iter().all(|(_, _, method)| method != "backup_create"));
        let capability = capabilities(&lacks).into_iter().find(|it| !it.available).unwrap();
        assert_eq!(
            (capability.method.as_str(), capability.reason.as_deref()),
            ("backup_create", Some("no disk"))
        );
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document(&[]);
        let mut found = BTreeSet::new();
        references(&document, &mut found);
        assert!(found.len() > 30, "{found:?}");
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
    }

    #[test]
    fn the_document_in_the_repository_is_up_to_date() {
        let text = file();
        if std::env::var_os("MILLRACE_BLESS").is_some() {
            std::fs::write(FILE, &text).unwrap();
        }
        let written = std::fs::read_to_string(Path::new(FILE)).unwrap_or_default();
        assert!(written == text, "run again with MILLRACE_BLESS=1");
    }
}
