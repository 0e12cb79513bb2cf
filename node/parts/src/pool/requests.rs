// SPDX-License-Identifier: Apache-2.0

//! Questions whether transactions are valid, answered by the dozen.
//!
//! Two lines of them: those of a pool that prepares its view of a new block, for which the block's author may be
//! waiting, and those about what has just been submitted. The first goes first. Each [`serve`] takes as many as wait,
//! up to [`MOST`], and asks a [`Judge`] about them at once.

use crate::Hash;
use codec::Encode;
use polkadot_sdk::sp_runtime::{
    OpaqueExtrinsic,
    transaction_validity::{TransactionSource, TransactionValidity},
};
use std::{mem, sync::Arc, time::Duration};
use tokio::{
    sync::{
        Mutex,
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
        oneshot,
    },
    time::timeout,
};

/// How many questions are asked at once at most. More would hardly be faster: what a call costs by itself is then a
/// fiftieth of what it does.
const MOST: usize = 64;

/// How many bytes of transactions are asked about at once, but for the last of them.
const MOST_BYTES: usize = 512 * 1024;

/// How long a single question of the first line waits for company.
///
/// Between blocks, a pool looks at everything again that it holds, one after the other, for as long as there is time.
/// Without a pause that takes a whole core, and new transactions wait.
const PATIENCE: Duration = Duration::from_millis(1);

/// Who knows whether transactions are valid.
pub trait Judge: Send + Sync {
    /// Why there is no answer.
    type Error: Send;

    /// About one, on top of block `at`.
    ///
    /// Errors: the runtime fails, or the block's state is not there.
    fn one(
        &self,
        at: Hash,
        source: TransactionSource,
        transaction: Arc<OpaqueExtrinsic>,
    ) -> Result<TransactionValidity, Self::Error>;

    /// The block on top of which to ask if the state of another one is not there any more.
    fn best(&self) -> Hash;

    /// About each of many, in their order. Nothing if it fails, or cannot be asked about many.
    fn many(
        &self,
        at: Hash,
        transactions: Vec<(TransactionSource, OpaqueExtrinsic)>,
    ) -> Option<Vec<TransactionValidity>>;
}

/// One question.
struct Request<Error> {
    at: Hash,
    source: TransactionSource,
    transaction: Arc<OpaqueExtrinsic>,
    first_line: bool,
    answer: oneshot::Sender<Result<TransactionValidity, Error>>,
}

/// Where questions are asked.
pub struct Lines<Error> {
    first: UnboundedSender<Request<Error>>,
    second: UnboundedSender<Request<Error>>,
}

impl<Error> Lines<Error> {
    /// Both lines empty, and where they end.
    pub fn new() -> (Self, Arc<Mutex<Inbox<Error>>>) {
        let (first, first_end) = unbounded_channel();
        let (second, second_end) = unbounded_channel();
        let inbox = Inbox { first: first_end, second: second_end };
        (Self { first, second }, Arc::new(Mutex::new(inbox)))
    }

    /// The answer, or nothing if nobody answers any more. Whoever stops waiting takes the question back.
    ///
    /// What waits is not bounded here: each question is one that somebody waits with.
    pub async fn ask(
        &self,
        at: Hash,
        source: TransactionSource,
        transaction: Arc<OpaqueExtrinsic>,
        first_line: bool,
    ) -> Option<Result<TransactionValidity, Error>> {
        let (answer, receiver) = oneshot::channel();
        let line = if first_line { &self.first } else { &self.second };
        line.send(Request { at, source, transaction, first_line, answer }).ok()?;
        receiver.await.ok()
    }
}

/// Where questions arrive.
pub struct Inbox<Error> {
    first: UnboundedReceiver<Request<Error>>,
    second: UnboundedReceiver<Request<Error>>,
}

impl<Error> Inbox<Error> {
    /// The questions to answer next; nothing when nobody can ask any more.
    async fn next(&mut self) -> Option<Vec<Request<Error>>> {
        let mut batch = Batch::default();
        batch.add(self.wait().await?);
        self.add_waiting(&mut batch);
        if batch.is_lone_check()
            && let Ok(Some(request)) = timeout(PATIENCE, self.wait()).await
        {
            batch.add(request);
            self.add_waiting(&mut batch);
        }
        Some(batch.requests)
    }

    async fn wait(&mut self) -> Option<Request<Error>> {
        tokio::select! {
            biased;
            Some(request) = self.first.recv() => Some(request),
            Some(request) = self.second.recv() => Some(request),
            else => None,
        }
    }

    fn add_waiting(&mut self, batch: &mut Batch<Error>) {
        for line in [&mut self.first, &mut self.second] {
            while batch.has_room()
                && let Ok(request) = line.try_recv()
            {
                batch.add(request);
            }
        }
    }
}

/// Questions that are asked together.
struct Batch<Error> {
    requests: Vec<Request<Error>>,
    bytes: usize,
}

impl<Error> Default for Batch<Error> {
    fn default() -> Self {
        Self { requests: Vec::new(), bytes: 0 }
    }
}

impl<Error> Batch<Error> {
    fn add(&mut self, request: Request<Error>) {
        self.bytes += request.transaction.encoded_size();
        self.requests.push(request);
    }

    fn has_room(&self) -> bool {
        self.requests.len() < MOST && self.bytes < MOST_BYTES
    }

    /// Whether there is nothing but one question that is hardly urgent.
    fn is_lone_check(&self) -> bool {
        matches!(&self.requests[..], [request] if request.first_line)
    }
}

/// Answers until nobody can ask any more. Several may do so at once.
pub async fn serve<J: Judge>(judge: Arc<J>, inbox: Arc<Mutex<Inbox<J::Error>>>) {
    loop {
        let Some(mut requests) = inbox.lock().await.next().await else { return };
        while let Some(at) = requests.first().map(|request| request.at) {
            let (same, others) = requests.into_iter().partition(|request| request.at == at);
            answer(&*judge, at, same);
            requests = others;
        }
    }
}

/// Answers questions about one block.
fn answer<J: Judge>(judge: &J, at: Hash, mut requests: Vec<Request<J::Error>>) {
    requests.retain(|request| !request.answer.is_closed());
    let at_once = if requests.len() > 1 {
        let each = |request: &Request<_>| (request.source, (*request.transaction).clone());
        judge.many(at, requests.iter().map(each).collect())
    } else {
        None
    };
    match at_once {
        Some(answers) if answers.len() == requests.len() => {
            for (request, answer) in mem::take(&mut requests).into_iter().zip(answers) {
                // Nobody minds if nobody waits any more.
                let _ = request.answer.send(Ok(answer));
            }
        }
        // One of them may have made the runtime fail: which one shows when each is asked about by itself.
        _ => {
            let best = judge.best();
            for Request { source, transaction, answer, .. } in requests {
                let said = judge.one(at, source, transaction.clone());
                // When another fork becomes final, the pool may still be busy with a block whose state is thrown away.
                // It would ban a transaction for that.
                let said = match said {
                    Err(_) if at != best => judge.one(best, source, transaction),
                    said => said,
                };
                let _ = answer.send(said);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::{executor, future::join_all, join};
    use polkadot_sdk::sp_runtime::transaction_validity::{
        InvalidTransaction, TransactionValidityError, ValidTransaction,
    };
    use std::sync::Mutex as StdMutex;

    /// The transaction for which the runtime fails, and the one that is not valid.
    const TRAP: u8 = 13;
    const STALE: u8 = 14;

    /// The block whose state is gone, and the best one.
    const GONE: u8 = 66;
    const BEST: u8 = 77;

    /// Remembers how many it was asked about at once.
    #[derive(Default)]
    struct Fake {
        takes_many: bool,
        asked: StdMutex<Vec<Vec<u8>>>,
    }

    fn number(transaction: &OpaqueExtrinsic) -> u8 {
        *transaction.encode().last().unwrap()
    }

    fn transaction(number: u8) -> Arc<OpaqueExtrinsic> {
        Arc::new(OpaqueExtrinsic::from_blob(vec![number]))
    }

    fn opinion(number: u8) -> TransactionValidity {
        match number {
            STALE => Err(TransactionValidityError::Invalid(InvalidTransaction::Stale)),
            _ => Ok(ValidTransaction { priority: number.into(), ..Default::default() }),
        }
    }

    impl Judge for Fake {
        type Error = &'static str;

        fn one(
            &self,
            at: Hash,
            _: TransactionSource,
            transaction: Arc<OpaqueExtrinsic>,
        ) -> Result<TransactionValidity, Self::Error> {
            let number = number(&transaction);
            self.asked.lock().unwrap().push(vec![number]);
            match number {
                _ if at == Hash::repeat_byte(GONE) => Err("state"),
                TRAP => Err("trap"),
                number => Ok(opinion(number)),
            }
        }

        fn best(&self) -> Hash {
            Hash::repeat_byte(BEST)
        }

        fn many(
            &self,
            at: Hash,
            transactions: Vec<(TransactionSource, OpaqueExtrinsic)>,
        ) -> Option<Vec<TransactionValidity>> {
            let numbers: Vec<_> = transactions.iter().map(|(_, it)| number(it)).collect();
            self.asked.lock().unwrap().push(numbers.clone());
            let gone = at == Hash::repeat_byte(GONE);
            let can = self.takes_many && !gone && !numbers.contains(&TRAP);
            can.then(|| numbers.into_iter().map(opinion).collect())
        }
    }

    type Said = Result<TransactionValidity, &'static str>;

    /// What is answered when all of these are asked at once: block, number, whether in the first line.
    fn ask(judge: Fake, questions: &[(u8, u8, bool)]) -> (Vec<Said>, Vec<Vec<u8>>) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let judge = Arc::new(judge);
        let answers = runtime.block_on(async {
            let (lines, inbox) = Lines::new();
            let all = async {
                let asked = questions.iter().map(|&(at, number, first)| {
                    let at = Hash::repeat_byte(at);
                    lines.ask(at, TransactionSource::External, transaction(number), first)
                });
                let answers = join_all(asked).await;
                drop(lines);
                answers
            };
            join!(all, serve(judge.clone(), inbox)).0
        });
        let answers = answers.into_iter().map(|answer| answer.expect("somebody answers"));
        let answers = answers.collect();
        (answers, mem::take(&mut *judge.asked.lock().unwrap()))
    }

    fn takes_many() -> Fake {
        Fake { takes_many: true, ..Default::default() }
    }

    #[test]
    fn everybody_hears_of_the_own_transaction() {
        let questions: Vec<_> = (0..200).map(|number| (1, number, false)).collect();
        let judge = takes_many();
        let (answers, asked) = ask(judge, &questions[20..]);
        let expected: Vec<_> = (20..200).map(|number| Ok(opinion(number))).collect();
        assert_eq!(answers, expected);
        let sizes: Vec<_> = asked.iter().map(Vec::len).collect();
        assert_eq!(sizes, [MOST, MOST, 180 - 2 * MOST]);
    }

    #[test]
    fn what_a_block_waits_for_goes_first() {
        let (_, asked) = ask(takes_many(), &[(1, 1, false), (1, 2, false), (1, 3, true)]);
        assert_eq!(asked, [[3, 1, 2]]);
    }

    #[test]
    fn blocks_are_not_mixed() {
        let (answers, asked) =
            ask(takes_many(), &[(1, 1, false), (2, 2, false), (1, 3, false), (2, STALE, false)]);
        assert_eq!(asked, [[1, 3], [2, STALE]]);
        assert_eq!(answers, [1, 2, 3, STALE].map(|number| Ok(opinion(number))));
    }

    #[test]
    fn one_that_breaks_the_runtime_spoils_no_other() {
        let (answers, asked) = ask(takes_many(), &[(1, 1, false), (1, TRAP, false), (1, 2, false)]);
        assert_eq!(answers, [Ok(opinion(1)), Err("trap"), Ok(opinion(2))]);
        assert_eq!(asked, [vec![1, TRAP, 2], vec![1], vec![TRAP], vec![TRAP], vec![2]]);
    }

    #[test]
    fn the_best_block_answers_for_one_whose_state_is_gone() {
        let (answers, _) = ask(takes_many(), &[(GONE, 1, true), (GONE, STALE, true)]);
        assert_eq!(answers, [Ok(opinion(1)), Ok(opinion(STALE))]);
        let (answers, asked) = ask(takes_many(), &[(BEST, TRAP, false)]);
        assert_eq!((answers, asked), (vec![Err("trap")], vec![vec![TRAP]]));
    }

    #[test]
    fn a_runtime_that_takes_one_at_a_time_is_asked_so() {
        let (answers, asked) = ask(Fake::default(), &[(1, 1, false), (1, 2, false)]);
        assert_eq!(answers, [Ok(opinion(1)), Ok(opinion(2))]);
        assert_eq!(asked, [vec![1, 2], vec![1], vec![2]]);
    }

    #[test]
    fn a_lone_check_is_answered_though_nobody_comes() {
        let (answers, asked) = ask(takes_many(), &[(1, 1, true)]);
        assert_eq!((answers, asked), (vec![Ok(opinion(1))], vec![vec![1]]));
    }

    #[test]
    fn large_transactions_are_asked_about_in_smaller_groups() {
        let (_, inbox) = Lines::<()>::new();
        drop(inbox);
        let mut batch = Batch::<()>::default();
        let large = OpaqueExtrinsic::from_blob(vec![0; MOST_BYTES / 2]);
        for expected in [true, false] {
            let (answer, _) = oneshot::channel();
            let transaction = Arc::new(large.clone());
            let source = TransactionSource::External;
            batch.add(Request { at: Hash::zero(), source, transaction, first_line: false, answer });
            assert_eq!(batch.has_room(), expected);
        }
    }

    #[test]
    fn a_question_taken_back_is_not_asked() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let judge = Arc::new(takes_many());
        runtime.block_on(async {
            let (lines, inbox) = Lines::new();
            let question =
                lines.ask(Hash::zero(), TransactionSource::External, transaction(1), false);
            assert!(timeout(PATIENCE, question).await.is_err());
            drop(lines);
            serve(judge.clone(), inbox).await;
        });
        assert_eq!(*judge.asked.lock().unwrap(), Vec::<Vec<u8>>::new());
    }

    #[test]
    fn nobody_waits_for_a_server_that_is_gone() {
        let (lines, inbox) = Lines::<()>::new();
        drop(inbox);
        let answer = executor::block_on(lines.ask(
            Hash::zero(),
            TransactionSource::Local,
            transaction(1),
            true,
        ));
        assert!(answer.is_none());
    }
}
