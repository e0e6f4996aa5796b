//! What stands around the bench: the templates, the text and what can be done with it.

use yew::prelude::*;

use super::{Msg, Page};
use crate::sandbox::{
    drawer::{self, Drawer},
    editor::{Stroke, editor},
    templates::TEMPLATES,
};

impl Page {
    pub(super) fn templates(&self, ctx: &Context<Self>) -> Html {
        html! {
            <div class="templates" role="group" aria-label="Start from">
                <span class="templates-title" aria-hidden="true">{ "Start from" }</span>
                <button
                    id="template-new"
                    class="template new"
                    title="An empty room, to build in"
                    onclick={ctx.link().callback(|_: MouseEvent| Msg::New)}
                >
                    { "New" }
                </button>
                { for TEMPLATES.iter().map(|template| {
                    let is_here = self.desk.text() == template.document;
                    let onclick = ctx.link().callback(move |_: MouseEvent| Msg::Pick(template));
                    html! {
                        <button
                            key={template.id}
                            id={format!("template-{}", template.id)}
                            class="template"
                            aria-pressed={is_here.to_string()}
                            title={template.purpose}
                            {onclick}
                        >
                            { template.name }
                        </button>
                    }
                }) }
            </div>
        }
    }

    pub(super) fn text(&self, ctx: &Context<Self>) -> Html {
        let onkeydown = ctx
            .link()
            .batch_callback(|event: KeyboardEvent| (event.key() == "Escape").then_some(Msg::Close));
        html! {
            <section class="card editor" aria-labelledby="text-title" {onkeydown}>
                <div class="editor-head">
                    <h2 id="text-title">{ "The scenario as text" }</h2>
                    { self.tools(ctx) }
                </div>
                { match self.drawer {
                    Some(Drawer::Kept) => {
                        drawer::kept(&self.shelf, &self.name, &ctx.link().callback(Msg::Keeping))
                    }
                    Some(Drawer::Share) => {
                        let on_copy = ctx.link().callback(|()| Msg::Copy);
                        drawer::share(self.link.as_ref(), &on_copy)
                    }
                    Some(Drawer::Rust) => drawer::rust(
                        self.program().as_deref(),
                        &ctx.link().callback(|()| Msg::Copy),
                        &ctx.link().callback(|()| Msg::DownloadProgram),
                    ),
                    None => Html::default(),
                } }
                <p class="notice" role="status">{ &self.notice }</p>
                { editor(&self.desk, &ctx.link().callback(Msg::Stroke)) }
            </section>
        }
    }

    fn tools(&self, ctx: &Context<Self>) -> Html {
        let link = ctx.link();
        let stroke =
            |stroke: Stroke| link.callback(move |_: MouseEvent| Msg::Stroke(stroke.clone()));
        let drawer = |drawer: Drawer, name: &'static str| {
            let is_open = self.drawer == Some(drawer);
            let (id, onclick) =
                (drawer.button(), link.callback(move |_: MouseEvent| Msg::Toggle(drawer)));
            html! {
                <button {id} class="quiet" aria-expanded={is_open.to_string()} aria-controls="drawer" {onclick}>
                    { name }
                </button>
            }
        };
        html! {
            <div class="editor-tools" role="toolbar" aria-label="Text">
                <button
                    class="quiet"
                    disabled={!self.desk.can_undo()}
                    aria-keyshortcuts="Control+Z"
                    onclick={stroke(Stroke::Undo)}
                >
                    { "Undo" }
                </button>
                <button
                    class="quiet"
                    disabled={!self.desk.can_redo()}
                    aria-keyshortcuts="Control+Shift+Z"
                    onclick={stroke(Stroke::Redo)}
                >
                    { "Redo" }
                </button>
                <label class="file">
                    { "Open file" }
                    <input
                        class="visually-hidden"
                        type="file"
                        accept=".json,application/json"
                        onchange={link.callback(Msg::Choose)}
                    />
                </label>
                <button class="quiet" onclick={link.callback(|_: MouseEvent| Msg::Download)}>
                    { "Download" }
                </button>
                { drawer(Drawer::Kept, "Kept") }
                { drawer(Drawer::Share, "Share") }
                { drawer(Drawer::Rust, "As Rust") }
            </div>
        }
    }
}
