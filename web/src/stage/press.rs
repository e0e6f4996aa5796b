//! A part of the drawing that can be pressed: by mouse, finger, Enter or the space bar.

use yew::prelude::*;

/// The attribute that says which part of the scenario an element stands for: its kind and name.
pub(crate) const PART_MARK: &str = "data-part";

/// What a pressable part needs.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct PressProps {
    /// Its style.
    pub(super) class: Classes,
    /// What it is called and says, for those who do not see it.
    pub(super) label: String,
    /// Whether it is the chosen one of several, where that means something.
    #[prop_or_default]
    pub(super) pressed: Option<bool>,
    /// Which part of the scenario it stands for, as `queue:jobs`.
    #[prop_or_default]
    pub(super) part: Option<String>,
    /// Whether it does nothing now.
    #[prop_or_default]
    pub(super) disabled: bool,
    /// It was pressed; with the mouse event where it was the mouse.
    pub(super) on_press: Callback<Option<MouseEvent>>,
    /// What it looks like.
    pub(super) children: Html,
}

/// A pressable part.
#[component]
pub(super) fn Press(props: &PressProps) -> Html {
    let onclick = {
        let (on_press, disabled) = (props.on_press.clone(), props.disabled);
        Callback::from(move |event: MouseEvent| {
            event.stop_propagation();
            if !disabled {
                on_press.emit(Some(event));
            }
        })
    };
    let onkeydown = {
        let (on_press, disabled) = (props.on_press.clone(), props.disabled);
        Callback::from(move |event: KeyboardEvent| {
            if matches!(event.key().as_str(), "Enter" | " ") {
                event.prevent_default();
                event.stop_propagation();
                if !disabled && !event.repeat() {
                    on_press.emit(None);
                }
            }
        })
    };
    html! {
        <g
            class={classes!("press", props.class.clone())}
            role="button"
            tabindex="0"
            data-part={props.part.clone()}
            aria-label={props.label.clone()}
            aria-pressed={props.pressed.map(|pressed| if pressed { "true" } else { "false" })}
            aria-disabled={props.disabled.then_some("true")}
            {onclick}
            {onkeydown}
        >
            { props.children.clone() }
        </g>
    }
}
