//! The part that runs in wasm: a block of cycles at a time, timed from outside.

use wasm_bindgen::prelude::wasm_bindgen;

use crate::{
    contender::{Contender, Leases, Steady},
    floor::{HeapFloor, LaneFloor},
    ours::Ours,
};

/// A contender in its steady state.
#[wasm_bindgen]
pub struct Cycles(Box<dyn FnMut(u32)>);

#[wasm_bindgen]
impl Cycles {
    /// `heap` or `lane` for a floor, else ours, with so many messages waiting and so many in
    /// flight.
    #[wasm_bindgen(constructor)]
    pub fn new(who: &str, waiting: u32, in_flight: u32) -> Self {
        match who {
            "heap" => Self::of(HeapFloor::lazy(), Leases::Arbitrary, waiting, in_flight),
            "lane" => Self::of(LaneFloor::default(), Leases::Equal, waiting, in_flight),
            _ => Self::of(Ours::new(()), Leases::Arbitrary, waiting, in_flight),
        }
    }

    /// So many cycles.
    pub fn run(&mut self, count: u32) {
        (self.0)(count);
    }

    fn of(
        contender: impl Contender + 'static,
        leases: Leases,
        waiting: u32,
        in_flight: u32,
    ) -> Self {
        let mut steady = Steady::new(contender, leases, waiting, in_flight);
        Self(Box::new(move |count| steady.cycle(count)))
    }
}
