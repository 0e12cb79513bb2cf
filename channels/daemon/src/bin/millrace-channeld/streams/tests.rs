// SPDX-License-Identifier: Apache-2.0

//! What is known of streams after a restart.

use super::*;
use crate::tests::store;

fn kept(epoch: u32, started: u64) -> Kept {
    let mut operation = [7; 32];
    operation[..4].copy_from_slice(&epoch.to_le_bytes());
    Kept {
        operation,
        fingerprint: [2; 32],
        channel: [3; 32],
        name: StreamName { payer: 0, payee: 1, epoch },
        unit: 2,
        chains: 4,
        links: 64,
        units: 200,
        per_second: 10,
        started,
        stage: Stage::Going,
    }
}

#[tokio::test]
async fn request_finds_its_stream_after_a_restart_and_no_epoch_is_given_twice() {
    let folder = tempfile::tempdir().unwrap();
    let first = kept(5, 1);
    {
        let streams = Streams::open(store(&folder)).unwrap();
        assert_eq!(streams.free_epoch(&first.channel(), 1), 0);
        streams.begin(first.clone()).await.unwrap();
    }
    let streams = Streams::open(store(&folder)).unwrap();
    assert_eq!(streams.started_by(&first.operation), Some(first.clone()));
    assert_eq!(streams.free_epoch(&first.channel(), 1), 6);
    assert_eq!(streams.free_epoch(&first.channel(), 0), 0);
    assert_eq!(streams.lost(&[]), [first.id()], "no agreed state has it");
    streams.forget(&first.id()).await.unwrap();
    drop(streams);
    assert_eq!(Streams::open(store(&folder)).unwrap().started_by(&first.operation), None);
}

#[tokio::test]
async fn end_is_remembered_with_what_was_paid() {
    let folder = tempfile::tempdir().unwrap();
    let first = kept(0, 1);
    {
        let streams = Streams::open(store(&folder)).unwrap();
        streams.begin(first.clone()).await.unwrap();
        assert!(streams.note(&first.id(), StreamState::Running, Some(30)));
        assert!(!streams.note(&first.id(), StreamState::Running, Some(40)));
        assert_eq!(streams.all_sent()[0].paid, Amount(80));
        streams.reach(&first.id(), Stage::Ended { units: 41 }).await.unwrap();
        assert!(streams.all_sent().is_empty());
    }
    let stream = Streams::open(store(&folder)).unwrap().sent(&first.id()).unwrap();
    assert_eq!((stream.state, stream.pulses, stream.paid), (StreamState::Ended, 41, Amount(82)));
    assert_eq!(stream.total, Amount(400));
}

#[tokio::test]
async fn only_so_many_that_are_over_are_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let streams = Streams::open(store(&folder)).unwrap();
    for epoch in 0..20 {
        let mut kept = kept(epoch, u64::from(epoch));
        kept.stage = Stage::Ended { units: 0 };
        let (id, state) = (kept.id(), StreamState::Ended);
        streams.entries().insert(id, Entry { kept, state, units: 0, is_driven: false });
    }
    streams.begin(kept(100, 100)).await.unwrap();
    assert_eq!(streams.entries().len(), 21, "far fewer than {MAX_ENDED}");
}
