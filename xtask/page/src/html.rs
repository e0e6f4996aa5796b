//! index.html: what Trunk is told there, and the page without it.

use anyhow::{Context, bail};

/// The page as it is served, and the files to copy beside it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Index {
    /// The source without its `<link data-trunk …>` elements, else unchanged.
    pub(crate) html: String,
    /// Files to copy into the page's folder, named from the folder of index.html.
    pub(crate) copies: Vec<String>,
    /// Programs to build and to bind.
    pub(crate) programs: Vec<String>,
}

/// Reads the instructions for Trunk that the page uses: `copy-file` and `rust`.
///
/// # Errors
/// When the page tells Trunk anything else, as this program would then make another page than Trunk.
pub(crate) fn read(source: &str) -> anyhow::Result<Index> {
    let html = String::with_capacity(source.len());
    let mut index = Index { html, copies: Vec::new(), programs: Vec::new() };
    let mut rest = source;
    while let Some(start) = rest.find("<link data-trunk ") {
        let (before, element) = rest.split_at(start);
        let end = element.find('>').context("index.html: a <link data-trunk …> does not end")? + 1;
        let (element, after) = element.split_at(end);
        index.html.push_str(before);
        rest = after;
        match attribute(element, "rel") {
            Some("rust") => {
                let program = attribute(element, "data-bin")
                    .context("index.html: a rust without data-bin")?;
                index.programs.push(program.to_owned());
            }
            Some("copy-file") => {
                let file =
                    attribute(element, "href").context("index.html: a copy-file without href")?;
                index.copies.push(file.to_owned());
            }
            other => bail!(
                "index.html: use rel=\"copy-file\" in `{element}`, as xtask does not know {other:?}"
            ),
        }
    }
    index.html.push_str(rest);
    if index.html.contains("data-trunk") {
        bail!("index.html: write each instruction for Trunk as `<link data-trunk rel=… />`");
    }
    Ok(index)
}

fn attribute<'a>(element: &'a str, name: &str) -> Option<&'a str> {
    let (_, value) = element.split_once(&format!(" {name}=\""))?;
    value.split_once('"').map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_are_taken_out_and_the_rest_is_untouched() {
        let source = "<head>\n  <link data-trunk rel=\"copy-file\" href=\"a/b.css\" />\n  \
                      <link data-trunk rel=\"rust\" href=\"web/Cargo.toml\" data-bin=\"b\" />\n  <link rel=\"icon\" />\n</head>";
        let index = read(source).unwrap();
        assert_eq!(index.html, "<head>\n  \n  \n  <link rel=\"icon\" />\n</head>");
        assert_eq!((index.copies, index.programs), (vec!["a/b.css".into()], vec!["b".into()]));
    }

    #[test]
    fn an_instruction_that_only_trunk_knows_is_refused() {
        assert!(read("<link data-trunk rel=\"scss\" href=\"a.scss\" />").is_err());
        assert!(read("<script data-trunk src=\"a.js\"></script>").is_err());
        assert!(read("<link data-trunk rel=\"rust\"").is_err());
        assert!(read("<link data-trunk rel=\"rust\" href=\"web\" />").is_err());
    }
}
