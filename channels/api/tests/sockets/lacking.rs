// SPDX-License-Identifier: Apache-2.0

//! A daemon that cannot do everything yet promises nothing that it cannot do.

use crate::{World, asking::Ask, fake::Fake, parity, samples};
use async_trait::async_trait;
use millrace_channels_api::{Code, Options, Server, Service, routes};
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc};

fn operations(document: &Value) -> BTreeSet<String> {
    let verbs = document["paths"].as_object().unwrap().values();
    verbs
        .flat_map(|verbs| verbs.as_object().unwrap().values())
        .map(|operation| operation["operationId"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn what_is_lacking_is_refused_with_its_reason_and_promised_nowhere() {
    let reason = "routing is not built yet".to_owned();
    let lacks = vec![("payments_pay_invoice", reason.clone()), ("graph_channels", reason.clone())];
    let world = World::with(Fake { lacks, ..Fake::default() }, |_| {}).await;
    let (token, client) = (world.full(), world.client().await);
    let document = Ask::get("/openapi.json").send(&world).await.json();
    let promised = operations(&document);
    let status = client.status(&millrace_channels_api::types::Empty {}).await.unwrap();
    for route in routes() {
        let lacking = ["payments_pay_invoice", "graph_channels"].contains(&route.method);
        assert_eq!(promised.contains(route.method), !lacking, "{}", route.method);
        let capability = status
            .capabilities
            .iter()
            .find(|capability| capability.method == route.method)
            .unwrap();
        assert_eq!(capability.available, !lacking);
        assert_eq!(capability.reason.as_ref(), lacking.then_some(&reason));
        if lacking {
            let ask = parity::rest(&route, &samples::params(route.method)).token(&token).key("k");
            let error = ask.send(&world).await.refusal();
            assert_eq!(error.code, Code::NotSupported);
            assert!(error.message.contains(&reason), "{error}");
        }
    }
}

#[tokio::test]
async fn every_promised_operation_works_as_the_document_says() {
    let world = World::new().await;
    world.daemon.happen(1);
    let document = Ask::get("/openapi.json").send(&world).await.json();
    for route in routes() {
        let operation = &document["paths"][route.path][route.verb.as_str().to_lowercase()];
        let params = samples::params(route.method);
        // What the sample sends is what the document names.
        let mut named: BTreeSet<_> = operation["parameters"]
            .as_array()
            .unwrap()
            .iter()
            .map(|parameter| parameter["name"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(named.remove("Idempotency-Key"), route.moves_money, "{}", route.method);
        let body = &operation["requestBody"]["content"]["application/json"]["schema"]["properties"];
        named.extend(body.as_object().into_iter().flat_map(|fields| fields.keys().cloned()));
        for name in params.as_object().unwrap().keys() {
            assert!(named.contains(name), "{}: {name} is not in {named:?}", route.method);
        }
        // What comes back has what the document requires.
        let ask = parity::rest(&route, &params).token(&world.full());
        let ask = if route.moves_money { ask.key(route.method) } else { ask };
        let answer = ask.send(&world).await.json();
        let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
        let pointer = schema["$ref"].as_str().unwrap().strip_prefix('#').unwrap();
        let schema = document.pointer(pointer).unwrap();
        for field in schema["required"].as_array().unwrap() {
            let field = field.as_str().unwrap();
            assert!(answer.get(field).is_some(), "{}: {field} in {answer}", route.method);
        }
        for field in answer.as_object().unwrap().keys() {
            assert!(schema["properties"].get(field).is_some(), "{}: {field}", route.method);
        }
    }
}

/// A daemon that has been built as far as compiling.
struct Bare;

#[async_trait]
impl Service for Bare {}

#[tokio::test]
async fn a_daemon_that_implements_nothing_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = Options::new(folder.path());
    options.listen.set_port(0);
    let server = Server::start(Arc::new(Bare), options).await.unwrap();
    let world = World { server, daemon: Arc::default(), folder };
    for route in routes() {
        let mut params = samples::params(route.method);
        params["idempotency_key"] = json!("k");
        if !route.moves_money {
            params.as_object_mut().unwrap().remove("idempotency_key");
        }
        let ask = Ask::rpc(route.method, &params).token(&world.full());
        let error = ask.send(&world).await.outcome().unwrap_err();
        assert_eq!(error.code, Code::NotSupported, "{}", route.method);
    }
    assert_eq!(Ask::get("/health/live").send(&world).await.status, 200);
    assert_eq!(Ask::get("/health/ready").send(&world).await.status, 503);
}
