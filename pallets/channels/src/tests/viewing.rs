// SPDX-License-Identifier: Apache-2.0

use crate::mock::*;
use millrace_primitives_channels::{
    Balance, ChannelId,
    api::{ConclusionView, PhaseView},
};
use polkadot_sdk::{frame_support::assert_ok, sp_core::H256};

/// What the chain shows of the channel.
fn view(id: ChannelId) -> millrace_primitives_channels::api::ChannelView {
    let view = Channels::view(id).expect("the channel is there");
    assert_eq!(view.deposit, view.locked.iter().sum::<Balance>());
    view
}

#[test]
fn every_phase_is_shown() {
    new_test_ext().execute_with(|| {
        // given
        assert_eq!(Channels::view(H256::zero()), None);
        let parties = parties(2);
        let id = open_channel(&parties, &[200, 200]);
        let pulses = Pulses::new(id, 0, 3, 4, 10);
        let all = [transfer(1, 30, 40)];

        // when it is open
        let open = view(id);
        assert_eq!((open.phase, open.conclusion), (PhaseView::Open, None));
        assert_eq!((open.deposit, open.opener, open.base_version), (400, stranger(), 0));

        // when it is disputed
        let game = with_app(state(id, 1, &[50, 200]), Tally::data(0, 1));
        let shown = with_streams(with_transfers(game, &all), &[pulses.stream]);
        assert_ok!(dispute(&parties, shown.clone()));
        let disputed = view(id);
        let PhaseView::Disputed(dispute) = &disputed.phase else { panic!("it is disputed") };
        assert_eq!((dispute.version, dispute.mover), (1, Some(0)));
        assert_eq!((dispute.bond, dispute.reward), (BOND, REWARD));
        assert_eq!((&dispute.pending, &dispute.app), (&shown.pending, &shown.app));
        let from = dispute.deadline + WINDOW;
        assert_eq!(disputed.conclusion, Some(ConclusionView { from, payouts: vec![0, 250] }));
        let [first, second] =
            [0, 1].map(|at| disputed.holding(&parties[at].account()).expect("it takes part"));
        assert_eq!((first.locked, first.outright, first.pending), (200, 50, 150));
        assert_eq!((second.locked, second.outright, second.pending), (200, 200, 0));

        // when it resolves
        run_to(from);
        assert_ok!(pulses.claim(id, 0, 5));
        let resolving = view(id);
        assert_eq!(resolving.deposit, 150 - 15);
        let PhaseView::Resolving(resolution) = &resolving.phase else { panic!("it resolves") };
        assert_eq!((resolution.undecided, resolution.streams[0].paid_units), (1, 5));
        let conclusion = ConclusionView { from: 40 + WINDOW, payouts: vec![135, 0] };
        assert_eq!(resolving.conclusion, Some(conclusion));

        // when it is over
        run_to(40 + WINDOW);
        assert_eq!(Channels::view(id), None);
    });
}
