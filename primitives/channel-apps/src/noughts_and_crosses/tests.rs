// SPDX-License-Identifier: Apache-2.0

//! Every game is walked, every position is judged, and no data makes the judge stumble.

use super::*;
use millrace_primitives_channels::{ChannelApps, PendingTransfers, Stream, params::Amounts};
use proptest::prelude::*;
use std::{
    collections::HashSet,
    sync::LazyLock,
    time::{Duration, Instant},
};

/// What each participant owns in these tests.
const OWNED: [Balance; 3] = [100, 40, 60];

/// What the players play for.
const STAKE: Balance = 40;

/// Positions of all participants, and of some that are none.
const POSITIONS: core::ops::RangeInclusive<u8> = 0..=8;

fn amounts(amounts: &[Balance]) -> Amounts {
    Amounts::truncate_from(amounts.to_vec())
}

/// A state in which participants 2 and 0 play on this board, and money is pending and streaming.
fn state(board: Board) -> ChannelState {
    let game = Game { crosses: 2, noughts: 0, stake: STAKE, board };
    ChannelState {
        version: 7,
        pending: Some(PendingTransfers {
            root: Hash::repeat_byte(1),
            totals: amounts(&[5, 0, 0]),
            count: 1,
            last_expiry: 9,
        }),
        streams: BoundedVec::truncate_from(vec![Stream {
            payer: 1,
            payee: 0,
            epoch: 0,
            root: Hash::repeat_byte(2),
            unit: 1,
            chains: 3,
            links: 4,
        }]),
        app: Some(game.to_app()),
        ..ChannelState::opening(Hash::repeat_byte(3), amounts(&OWNED))
    }
}

/// Every board that some game leads to.
static BOARDS: LazyLock<Vec<Board>> = LazyLock::new(|| {
    let mut found = vec![Board::default()];
    let mut known = HashSet::from([Board::default().encode()]);
    let mut next = 0;
    while let Some(board) = found.get(next).copied() {
        for later in (0..SQUARES).filter_map(|square| board.after(square)) {
            if known.insert(later.encode()) {
                found.push(later);
            }
        }
        next += 1;
    }
    found
});

/// How many games from `board` on crosses win, noughts win, nobody wins.
fn games_from(board: Board) -> [u32; 3] {
    let mut counts = [0; 3];
    if board.turn().is_none() {
        let end = match board.winner() {
            Some(Side::Crosses) => 0,
            Some(Side::Noughts) => 1,
            None => 2,
        };
        counts[end] = 1;
        return counts;
    }
    for later in (0..SQUARES).filter_map(|square| board.after(square)) {
        for (sum, count) in counts.iter_mut().zip(games_from(later)) {
            *sum += count;
        }
    }
    counts
}

/// The board with these bits.
fn board(crosses: u16, noughts: u16) -> Board {
    Board::decode_all(&mut &(crosses, noughts).encode()[..]).expect("two numbers are a board")
}

fn judge(from: &ChannelState, to: &ChannelState) -> bool {
    NoughtsAndCrosses::mover(from)
        .is_some_and(|mover| NoughtsAndCrosses::is_valid_move(from, to, mover))
}

#[test]
fn every_game_ends_as_everybody_knows() {
    // Counted by many before us: 255,168 games.
    assert_eq!(games_from(Board::default()), [131_184, 77_904, 46_080]);
}

#[test]
fn exactly_the_boards_of_games_are_accepted() {
    let reachable: HashSet<_> = BOARDS.iter().map(Encode::encode).collect();
    assert_eq!(reachable.len(), 5_478);
    // All marks on nine squares, and some on squares that do not exist.
    for crosses in 0..1_024u16 {
        for noughts in 0..1_024u16 {
            let board = board(crosses, noughts);
            assert_eq!(board.is_reachable(), reachable.contains(&board.encode()), "{board:?}");
        }
    }
    assert!(!board(1 << 15, 0).is_reachable());
}

#[test]
fn every_move_of_every_game_is_valid_and_conserves_all_money() {
    let mut moves = 0;
    for board in BOARDS.iter() {
        let from = state(*board);
        let mover = NoughtsAndCrosses::mover(&from);
        assert_eq!(mover.is_some(), board.turn().is_some());
        for square in 0..SQUARES {
            let Some(to) = after(&from, square) else { continue };
            moves += 1;
            let mover = mover.expect("there is a move");
            assert!(NoughtsAndCrosses::is_valid_move(&from, &to, mover));
            assert_eq!(to.version, from.version + 1);
            assert_eq!(to.total(), from.total());
            // The stake moves with the move that wins, and with no other.
            let mut expected = from.balances.clone();
            if Game::of(&to).expect("it is a game").board.winner().is_some() {
                let loser = if mover == 2 { 0 } else { 2 };
                expected[usize::from(mover)] += STAKE;
                expected[loser] -= STAKE;
            }
            assert_eq!(to.balances, expected);
        }
        for square in [SQUARES, 15, 16, u8::MAX] {
            assert_eq!(after(&from, square), None);
        }
    }
    assert_eq!(moves, 16_167);
}

#[test]
fn every_other_move_is_refused() {
    for board in BOARDS.iter() {
        let from = state(*board);
        let legal: Vec<_> = (0..SQUARES).filter_map(|square| after(&from, square)).collect();
        // Every square emptied, crossed or noughted, with the stake paid to either or to nobody.
        let game = Game::of(&from).expect("it is a game");
        for square in 0..SQUARES {
            for mark in [[0, 0], [1, 0], [0, 1], [1, 1]] {
                let [crosses, noughts] = mark.map(|bit: u16| bit << square);
                let (old_crosses, old_noughts) = board_bits(board);
                let kept = !(1 << square);
                let changed =
                    self::board((old_crosses & kept) | crosses, (old_noughts & kept) | noughts);
                for balances in [
                    Some(from.balances.clone()),
                    game.paid_by(Side::Crosses, &from.balances),
                    game.paid_by(Side::Noughts, &from.balances),
                ] {
                    let to = ChannelState {
                        version: from.version + 1,
                        balances: balances.expect("both can pay"),
                        app: Some(Game { board: changed, ..game }.to_app()),
                        ..from.clone()
                    };
                    assert_eq!(judge(&from, &to), legal.contains(&to), "{from:?} to {to:?}");
                }
            }
        }
        // A legal move with anything else changed.
        for to in legal {
            for mover in POSITIONS.filter(|it| Some(*it) != NoughtsAndCrosses::mover(&from)) {
                assert!(!NoughtsAndCrosses::is_valid_move(&from, &to, mover));
            }
            for tampered in tampered(&to) {
                assert!(!judge(&from, &tampered), "{from:?} to {tampered:?}");
            }
        }
    }
}

/// The bits of a board.
fn board_bits(board: &Board) -> (u16, u16) {
    codec::DecodeAll::decode_all(&mut &board.encode()[..]).expect("a board is two numbers")
}

/// The state with one thing changed, in every way that somebody could profit from.
fn tampered(state: &ChannelState) -> Vec<ChannelState> {
    let game = Game::of(state).expect("it is a game");
    let with_app = |app: Option<AppState>| ChannelState { app, ..state.clone() };
    let with_game = |game: Game| with_app(Some(game.to_app()));
    let mut longer = game.encode();
    longer.push(0);
    let mut shorter = game.encode();
    shorter.pop();
    let with_data = |data: Vec<u8>| {
        with_app(Some(AppState {
            id: NoughtsAndCrosses::id(),
            data: BoundedVec::truncate_from(data),
        }))
    };
    let mut shifted = state.balances.clone();
    shifted[1] -= 1;
    shifted[2] += 1;
    vec![
        with_app(None),
        with_app(Some(AppState { id: Hash::zero(), ..game.to_app() })),
        with_data(longer),
        with_data(shorter),
        with_data(Vec::new()),
        with_game(Game { stake: game.stake + 1, ..game }),
        with_game(Game { stake: 0, ..game }),
        with_game(Game { crosses: game.noughts, noughts: game.crosses, ..game }),
        with_game(Game { crosses: 1, ..game }),
        ChannelState { balances: shifted, ..state.clone() },
        ChannelState { balances: amounts(&[]), ..state.clone() },
        ChannelState { version: state.version + 1, ..state.clone() },
        ChannelState { channel: Hash::zero(), ..state.clone() },
        ChannelState { pending: None, ..state.clone() },
        ChannelState { streams: BoundedVec::new(), ..state.clone() },
        ChannelState { is_final: true, ..state.clone() },
    ]
}

#[test]
fn whoever_lets_time_run_out_loses_the_stake_and_nobody_else_does() {
    for board in BOARDS.iter() {
        let state = state(*board);
        let mover = NoughtsAndCrosses::mover(&state);
        for position in POSITIONS {
            let paid = NoughtsAndCrosses::abandoned(&state, position);
            let expected = match mover.filter(|mover| *mover == position) {
                Some(2) => amounts(&[140, 40, 20]),
                Some(0) => amounts(&[60, 40, 100]),
                _ => state.balances.clone(),
            };
            assert_eq!(paid, expected);
        }
    }
}

#[test]
fn nothing_can_be_forced_that_cannot_be_paid() {
    let mut poor = state(Board::default());
    assert_eq!(NoughtsAndCrosses::mover(&poor), Some(2));
    for position in [0, 2] {
        poor.balances = amounts(&OWNED);
        poor.balances[position] = STAKE - 1;
        assert_eq!(NoughtsAndCrosses::mover(&poor), None);
        assert_eq!(after(&poor, 0), None);
        assert_eq!(NoughtsAndCrosses::abandoned(&poor, 2), poor.balances);
    }
}

#[test]
fn data_that_makes_no_sense_is_no_game() {
    let good = state(Board::default());
    let game = Game::of(&good).expect("it is a game");
    assert_eq!(game.encode().len(), 22);
    for bad in [
        Game { crosses: 0, noughts: 0, ..game },
        Game { crosses: 3, ..game },
        Game { noughts: u8::MAX, ..game },
        Game { board: board(0, 1), ..game },
        Game { board: board(1, 1), ..game },
        Game { board: board(0b111, 0b111_000), ..game },
        Game { board: board(1 << 9, 0), ..game },
    ] {
        let state = ChannelState { app: Some(bad.to_app()), ..good.clone() };
        assert_eq!(Game::of(&state), None);
        assert_eq!(NoughtsAndCrosses::mover(&state), None);
    }
}

#[test]
fn game_begins_only_between_two_participants_who_can_pay() {
    let plain = ChannelState::opening(Hash::zero(), amounts(&OWNED));
    let state = begin(&plain, 1, 0, STAKE).expect("both own as much");
    assert_eq!(NoughtsAndCrosses::mover(&state), Some(1));
    assert_eq!((state.version, state.total()), (1, plain.total()));
    assert_eq!(begin(&plain, 1, 0, STAKE + 1), None);
    assert_eq!(begin(&plain, 1, 1, STAKE), None);
    assert_eq!(begin(&plain, 1, 3, STAKE), None);
    assert_eq!(begin(&state, 1, 0, STAKE), None, "a game is under way");
    let last = ChannelState { is_final: true, ..plain };
    assert_eq!(begin(&last, 1, 0, STAKE), None);
}

#[test]
fn chain_finds_the_application_by_its_id() {
    type Apps = (NoughtsAndCrosses, ());
    let playing = state(Board::default());
    assert_eq!(Apps::ids(), [NoughtsAndCrosses::id()]);
    assert_eq!(Apps::mover(&playing), Some(2));
    let moved = after(&playing, 4).expect("the middle is free");
    assert!(Apps::is_valid_move(&playing, &moved, 2));
    assert_eq!(Apps::abandoned(&playing, 2).to_vec(), [140, 40, 20]);

    let mut unknown = playing;
    unknown.app.as_mut().expect("it has one").id = Hash::zero();
    assert_eq!(Apps::mover(&unknown), None);
    assert!(!Apps::is_valid_move(&unknown, &moved, 2));
    assert_eq!(Apps::abandoned(&unknown, 2), unknown.balances);
}

/// The best of several tries, because other programs may be busy.
#[test]
fn judging_takes_less_than_its_weight() {
    let from = state(board(0b000_000_011, 0b000_011_000));
    let to = after(&from, 2).expect("crosses win");
    let rounds = 200;
    let best = (0..10)
        .map(|_| {
            let start = Instant::now();
            assert!((0..rounds).all(|_| NoughtsAndCrosses::is_valid_move(&from, &to, 2)));
            start.elapsed() / rounds
        })
        .min()
        .expect("there were tries");
    // WASM takes about twice as long as native code.
    let declared = Duration::from_nanos(NoughtsAndCrosses::weight().ref_time() / 1_000);
    println!("one judgement takes {best:?}, declared are {declared:?}");
    assert!(best * 2 < declared, "{best:?}");
}

/// Bytes that may or may not be a game.
fn data() -> impl Strategy<Value = Vec<u8>> {
    let mark = 0..1_024u16;
    let nearly = (0..4u8, 0..4u8, 0..120u128, mark.clone(), mark).prop_map(
        |(crosses, noughts, stake, x, o)| {
            Game { crosses, noughts, stake, board: board(x, o) }.encode()
        },
    );
    let on_a_board = (0..4u8, 0..4u8, any::<u128>(), 0..5_478usize).prop_map(
        |(crosses, noughts, stake, nth)| {
            Game { crosses, noughts, stake: stake % 120, board: BOARDS[nth] }.encode()
        },
    );
    prop_oneof![prop::collection::vec(any::<u8>(), 0..40), nearly, on_a_board]
}

/// A state with such bytes and any balances.
fn any_state() -> impl Strategy<Value = ChannelState> {
    let balance = prop_oneof![0..120u128, any::<u128>()];
    (data(), prop::collection::vec(balance, 0..=8), any::<bool>(), any::<u64>()).prop_map(
        |(data, balances, is_ours, version)| ChannelState {
            version,
            app: Some(AppState {
                id: if is_ours { NoughtsAndCrosses::id() } else { Hash::zero() },
                data: BoundedVec::truncate_from(data),
            }),
            ..ChannelState::opening(Hash::zero(), amounts(&balances))
        },
    )
}

proptest! {
    #[test]
    fn no_data_makes_the_judge_panic_or_create_money(
        from in any_state(),
        to in any_state(),
        mover in any::<u8>(),
        square in any::<u8>(),
    ) {
        let _ = NoughtsAndCrosses::mover(&to);
        if NoughtsAndCrosses::is_valid_move(&from, &to, mover) {
            prop_assert_eq!(from.total(), to.total());
        }
        if let Some(later) = after(&from, square) {
            prop_assert_eq!(from.total(), later.total());
            prop_assert!(judge(&from, &later));
        }
        for mover in 0..=8 {
            let paid = NoughtsAndCrosses::abandoned(&from, mover);
            let kept = ChannelState { balances: paid, ..from.clone() };
            prop_assert_eq!(kept.balances.len(), from.balances.len());
            prop_assert_eq!(kept.total(), from.total());
        }
    }
}
