//! What only some pages draw: it comes with the page that asks for it, and no other module carries
//! it.

use yew::prelude::*;

use super::{Direct, Hands, StageProps, mode_of, parts};
use crate::picture::{Layout, Plan};

/// What is drawn besides queues, their workers and those who publish.
#[derive(Clone, Copy, Debug)]
pub struct More {
    /// Finds the places.
    pub(super) place: fn(&mut Plan, &Layout),
    /// Below the parts.
    pub(super) below: fn(&Plan) -> Html,
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
/// which lines are pulled.
pub(crate) const MORE: More = More { place: Plan::place_more, below: parts::emits, above };

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
        </>
    }
}
