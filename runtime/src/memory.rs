// SPDX-License-Identifier: Apache-2.0

//! The runtime's memory: small pieces without asking the node.
//!
//! A runtime's memory belongs to the node's allocator, and by default each allocation and each release is a
//! call out of the runtime. A transfer makes many of them. Here the runtime asks for large pieces and
//! divides them itself: pieces of a power of two bytes, with a list of free ones for each size (segregated
//! free lists: Wilson, Johnstone, Neely and Boles, "Dynamic storage allocation: a survey and critical review",
//! 1995). A call into the runtime has an instance of its own, whose memory is gone with it, so nothing is ever
//! given back but what was asked for by itself.
//!
//! What the node hands to the runtime, such as a value from the state, is released here too. Which allocator a
//! piece came from is in the eight bytes before it, in the layout of the node's: an order of its own in the
//! first four, then a byte that is 1 for an occupied piece of the node's and [`OURS`] for one of ours, a byte
//! that nobody uses, and the distance to the beginning of an over-aligned piece in the last two, as `sp-io`
//! writes it.

// An allocator hands out addresses: there is no safe way to say that.
#![allow(unsafe_code)]

use core::{
    alloc::{GlobalAlloc, Layout},
    cell::Cell,
    ptr,
};

/// Bytes before each piece.
const HEADER: usize = 8;

/// The smallest piece with its header, in bytes.
const SMALLEST: usize = 16;

/// How many sizes there are: from 16 bytes to 4 KiB.
const SIZES: usize = 9;

/// The largest piece with its header, in bytes; the node is asked for larger ones.
const LARGEST: usize = SMALLEST << (SIZES - 1);

/// What the node is asked for, in bytes. It keeps powers of two and eight bytes more.
const CHUNK: usize = 16 * 1024;

/// Marks a piece as one of ours.
const OURS: u8 = 2;

/// Marks a piece as the node's.
const THEIRS: u8 = 1;

/// Where large pieces come from.
pub trait Source {
    /// At least `size` bytes, aligned to eight, or null.
    fn take(size: usize) -> *mut u8;

    /// Takes back what [`Self::take`] has given.
    ///
    /// # Safety
    ///
    /// `piece` is what [`Self::take`] returned, and nobody uses it any more.
    unsafe fn give_back(piece: *mut u8);
}

/// An allocator for one thread.
pub struct Memory<S> {
    /// The first free piece of each size, or null; each holds the address of the next.
    free: [Cell<*mut u8>; SIZES],
    /// What is left of the newest chunk.
    rest: Cell<(*mut u8, usize)>,
    source: core::marker::PhantomData<S>,
}

// SAFETY: a runtime has one thread.
#[cfg(substrate_runtime)]
unsafe impl<S> Sync for Memory<S> {}

impl<S: Source> Memory<S> {
    /// Without anything to give yet.
    pub const fn new() -> Self {
        Self {
            free: [const { Cell::new(ptr::null_mut()) }; SIZES],
            rest: Cell::new((ptr::null_mut(), 0)),
            source: core::marker::PhantomData,
        }
    }

    /// Which size holds `size` bytes, if one does.
    fn class(layout: Layout) -> Option<usize> {
        if layout.align() > 8 || layout.size() > LARGEST - HEADER {
            return None;
        }
        let whole = (layout.size() + HEADER).next_power_of_two().max(SMALLEST);
        Some((whole.trailing_zeros() - SMALLEST.trailing_zeros()) as usize)
    }

    /// A piece of a size that nobody has used yet, or null.
    #[cold]
    unsafe fn cut(&self, class: usize) -> *mut u8 {
        let whole = SMALLEST << class;
        let (mut start, mut left) = self.rest.get();
        if left < whole {
            start = S::take(CHUNK);
            if start.is_null() {
                return start;
            }
            left = CHUNK;
        }
        // SAFETY: `left` bytes from `start` on are ours, and at least `whole`.
        unsafe {
            self.rest.set((start.add(whole), left - whole));
            let piece = start.add(HEADER);
            write_header(piece, class as u32, OURS, 0);
            piece
        }
    }

    /// A piece that the node keeps account of, or null.
    unsafe fn take_alone(layout: Layout) -> *mut u8 {
        let piece = S::take(layout.size() + layout.align().saturating_sub(8));
        let offset = piece.align_offset(layout.align());
        if piece.is_null() || offset > u16::MAX as usize {
            return ptr::null_mut();
        }
        if offset > 0 {
            // SAFETY: as many bytes more were taken, at least eight of them before what is returned.
            unsafe {
                let aligned = piece.add(offset);
                write_header(aligned, 0, THEIRS, offset as u16);
                return aligned;
            }
        }
        piece
    }
}

/// Writes what stands before a piece.
///
/// # Safety
///
/// The eight bytes before `piece` belong to whoever owns it.
unsafe fn write_header(piece: *mut u8, class: u32, owner: u8, offset: u16) {
    let value = u64::from(class) | u64::from(owner) << 32 | u64::from(offset) << 48;
    // SAFETY: the caller's promise.
    unsafe { piece.sub(HEADER).cast::<u64>().write(value.to_le()) }
}

/// What stands before a piece: its size, its owner, its offset.
///
/// # Safety
///
/// `piece` was allocated here or by the node.
unsafe fn read_header(piece: *mut u8) -> (usize, u8, usize) {
    // SAFETY: both write eight bytes before each piece.
    let value = u64::from_le(unsafe { piece.sub(HEADER).cast::<u64>().read() });
    (value as u32 as usize, (value >> 32) as u8, (value >> 48) as usize)
}

// SAFETY: pieces do not overlap, because each is cut once and is then either in one list or with one owner.
unsafe impl<S: Source> GlobalAlloc for Memory<S> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Some(class) = Self::class(layout) else {
            // SAFETY: the caller's promise.
            return unsafe { Self::take_alone(layout) };
        };
        let first = self.free[class].get();
        if first.is_null() {
            // SAFETY: there is such a size.
            return unsafe { self.cut(class) };
        }
        // SAFETY: a free piece holds the address of the next one.
        self.free[class].set(unsafe { first.cast::<*mut u8>().read() });
        first
    }

    unsafe fn dealloc(&self, piece: *mut u8, _: Layout) {
        // SAFETY: the caller gives back what was allocated.
        unsafe {
            let (class, owner, offset) = read_header(piece);
            if owner == OURS {
                piece.cast::<*mut u8>().write(self.free[class].get());
                self.free[class].set(piece);
            } else {
                S::give_back(piece.sub(offset));
            }
        }
    }

    unsafe fn realloc(&self, piece: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller gives back what was allocated, and asks for a size that is one.
        unsafe {
            let (class, owner, _) = read_header(piece);
            if owner == OURS && size <= (SMALLEST << class) - HEADER {
                return piece;
            }
            let larger = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !larger.is_null() {
                ptr::copy_nonoverlapping(piece, larger, layout.size().min(size));
                self.dealloc(piece, layout);
            }
            larger
        }
    }
}

/// The node's allocator.
#[cfg(substrate_runtime)]
struct Node;

#[cfg(substrate_runtime)]
impl Source for Node {
    fn take(size: usize) -> *mut u8 {
        sp_io::allocator::malloc(size as u32)
    }

    unsafe fn give_back(piece: *mut u8) {
        sp_io::allocator::free(piece);
    }
}

#[cfg(substrate_runtime)]
#[global_allocator]
static MEMORY: Memory<Node> = Memory::new();

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        alloc::{alloc, dealloc},
        cell::RefCell,
        collections::HashMap,
    };

    thread_local! {
        /// What the node has given, and not taken back.
        static GIVEN: RefCell<HashMap<usize, Layout>> = RefCell::default();
    }

    /// Gives pieces as the node does, with a header before each.
    struct Heap;

    impl Source for Heap {
        fn take(size: usize) -> *mut u8 {
            let layout = Layout::from_size_align(size + HEADER, HEADER).unwrap();
            // SAFETY: it is larger than nothing, and its first bytes are the header's.
            let piece = unsafe { alloc(layout).add(HEADER) };
            unsafe { write_header(piece, size.ilog2(), THEIRS, 0) };
            GIVEN.with_borrow_mut(|given| given.insert(piece as usize, layout));
            piece
        }

        unsafe fn give_back(piece: *mut u8) {
            let layout = GIVEN.with_borrow_mut(|given| given.remove(&(piece as usize)));
            // SAFETY: it was given, with this layout.
            unsafe { dealloc(piece.sub(HEADER), layout.expect("it was given before")) };
        }
    }

    /// How many pieces the node has given.
    fn given() -> usize {
        GIVEN.with_borrow(HashMap::len)
    }

    fn layout(size: usize, align: usize) -> Layout {
        Layout::from_size_align(size, align).unwrap()
    }

    /// A piece in use: where, how it was asked for, and what was written into it.
    type Used = (*mut u8, Layout, u8);

    fn fill((piece, layout, with): Used) {
        // SAFETY: the piece has as many bytes.
        unsafe { ptr::write_bytes(piece, with, layout.size()) };
    }

    fn assert_untouched(&(piece, layout, with): &Used) {
        // SAFETY: the piece has as many bytes.
        let bytes = unsafe { std::slice::from_raw_parts(piece, layout.size()) };
        assert!(bytes.iter().all(|byte| *byte == with), "somebody wrote into a piece in use");
    }

    #[test]
    fn a_piece_that_is_given_back_is_given_out_again_without_asking_the_node() {
        let memory = Memory::<Heap>::new();
        // SAFETY: what is given back was given, by the same layout.
        unsafe {
            let first = memory.alloc(layout(40, 8));
            memory.dealloc(first, layout(40, 8));
            assert_eq!(memory.alloc(layout(50, 4)), first);
            assert_ne!(memory.alloc(layout(50, 4)), first);
        }
        assert_eq!(given(), 1);
    }

    #[test]
    fn a_piece_grows_in_place_while_there_is_room() {
        let memory = Memory::<Heap>::new();
        // SAFETY: sizes and layouts are those of the piece.
        unsafe {
            let piece = memory.alloc(layout(10, 1));
            fill((piece, layout(10, 1), 7));
            assert_eq!(memory.realloc(piece, layout(10, 1), 24), piece);
            let larger = memory.realloc(piece, layout(24, 1), 5_000);
            assert_ne!(larger, piece);
            assert_untouched(&(larger, layout(10, 1), 7));
            assert_eq!(memory.alloc(layout(20, 1)), piece, "the smaller piece is free");
            memory.dealloc(larger, layout(5_000, 1));
        }
        assert_eq!(given(), 1, "large pieces go back to the node");
    }

    #[test]
    fn what_the_node_handed_in_goes_back_to_it() {
        let memory = Memory::<Heap>::new();
        let handed = Heap::take(32);
        // SAFETY: the node gave it.
        unsafe { memory.dealloc(handed, layout(32, 1)) };
        assert_eq!(given(), 0);
    }

    #[test]
    fn pieces_in_use_never_overlap_and_are_aligned() {
        let memory = Memory::<Heap>::new();
        let mut used = Vec::<Used>::new();
        let mut random = 1u64;
        for round in 0..20_000u32 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let number = (random >> 33) as usize;
            // Small ones most of the time, and alignments that need an offset now and then.
            let size = 1 + number % if number.is_multiple_of(7) { 9_000 } else { 200 };
            let align = 1 << ((number / 9_000) % 7);
            // SAFETY: every piece is used as it was asked for, and given back once.
            unsafe {
                match number % 6 {
                    0 | 1 if !used.is_empty() => {
                        let one = used.swap_remove(number % used.len());
                        assert_untouched(&one);
                        memory.dealloc(one.0, one.1);
                    }
                    2 if !used.is_empty() => {
                        let (piece, was, with) = used.swap_remove(number % used.len());
                        let moved = memory.realloc(piece, was, size);
                        let kept = was.size().min(size);
                        assert_untouched(&(moved, layout(kept, 1), with));
                        let one = (moved, layout(size, was.align()), with);
                        fill(one);
                        used.push(one);
                    }
                    _ => {
                        let piece = memory.alloc(layout(size, align));
                        assert!((piece as usize).is_multiple_of(align), "{size} {align}");
                        let one = (piece, layout(size, align), round as u8);
                        fill(one);
                        used.push(one);
                    }
                }
            }
        }
        assert!(used.len() > 100);
        for one in used {
            assert_untouched(&one);
            // SAFETY: it was given, and not given back.
            unsafe { memory.dealloc(one.0, one.1) };
        }
    }
}
