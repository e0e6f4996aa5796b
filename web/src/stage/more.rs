//! What only some pages draw: it comes with the page that asks for it, and no other module carries
//! it.

use postroom_simulator::Drawing;
use yew::prelude::*;

use super::{
    Direct, Hands, StageProps, mode_of,
    moving::{self, Mover},
    parts,
    zoom::{self, ZoomBy},
};
use crate::{
    browser::{Element, Listener},
    picture::{Layout, Plan},
};

/// What is drawn besides queues, their workers and those who publish.
#[derive(Clone, Copy, Debug)]
pub struct More {
    /// Finds the places.
    pub(super) place: fn(&mut Plan, &Layout, Option<&Drawing>),
    /// Below the parts.
    pub(super) below: fn(&Plan) -> Html,
    /// The buttons that change how near it is looked at.
    pub(super) zoom: fn(&NodeRef, f64, &Callback<ZoomBy>) -> Html,
    /// What else changes it.
    pub(super) listen: fn(&Element, Callback<ZoomBy>) -> Vec<Listener>,
    /// Moves parts by hand.
    pub(super) move_parts: fn(Mover) -> Vec<Listener>,
    /// Above them.
    pub(super) above: fn(&StageProps, &Layout, &Plan, &Hands) -> Html,
}

/// There is one.
impl PartialEq for More {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Those who call and wait, the services that they call, what workers publish, and the ends from
/// which lines are pulled; with the grips by which parts are moved.
pub(crate) const MORE: More = More {
    place: Plan::place_more,
    below: parts::emits,
    above,
    zoom: zoom::buttons,
    listen: zoom::listen,
    move_parts: moving::listen,
};

fn above(props: &StageProps, layout: &Layout, plan: &Plan, hands: &Hands) -> Html {
    let Direct { callers, services } = &props.direct;
    let callers = layout.callers.iter().zip(&plan.callers).zip(callers);
    let callers = callers.map(|((caller, plan), view)| parts::caller(caller, *plan, *view));
    let services = layout.services.iter().zip(&plan.services).zip(services);
    let services = services.map(|((service, plan), view)| {
        parts::service(service, *plan, mode_of(props, &service.name), *view, hands)
    });
    html! {
        <>
            { parts::requests(plan) }
            { for callers }
            { for services }
            { parts::ends(layout, plan) }
            if props.drawn.on_move.is_some() {
                { parts::grips(layout, plan) }
            }
        </>
    }
}
