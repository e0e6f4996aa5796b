//! `postroom-journal inspect | verify | export`: reads a journal without the service that wrote it.

mod report;

use std::{
    io::{self, BufWriter, Write},
    path::Path,
    process::ExitCode,
};

use postroom_journal::{Look, ReadError, disk::Folder};

const HELP: &str = "\
Reads a Postroom journal, and changes nothing. The service that writes it must not run.

  postroom-journal inspect FOLDER [--json]   what it holds: snapshot, segments, commits
  postroom-journal verify FOLDER [--json]    whether it is whole
  postroom-journal export FOLDER             every command that is still there, one JSON line each

Exit codes: 0 whole, 1 a torn tail (a commit that nobody was told of; the next start cuts it),
2 damaged, 3 not read: no journal there, in use, another format, or a mistake in the arguments.";

const TORN: u8 = 1;
const DAMAGED: u8 = 2;
const NOT_READ: u8 = 3;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut out = BufWriter::new(io::stdout().lock());
    let code = run(&words, &mut out).and_then(|code| out.flush().map(|()| code));
    match code {
        Ok(code) => ExitCode::from(code),
        // Whoever reads has enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the answer was not written: {error}");
            ExitCode::from(NOT_READ)
        }
    }
}

fn run(words: &[&str], out: &mut impl Write) -> io::Result<u8> {
    let (what, folder, json) = match words {
        ["inspect" | "verify" | "export", folder] => (words[0], folder, false),
        ["inspect" | "verify", folder, "--json"] => (words[0], folder, true),
        ["help" | "--help" | "-h"] => return writeln!(out, "{HELP}").map(|()| 0),
        _ => {
            eprintln!("{HELP}");
            return Ok(NOT_READ);
        }
    };
    if !holds_journal(Path::new(folder)) {
        eprintln!("{folder} holds no journal: give the folder that the service was told");
        return Ok(NOT_READ);
    }
    let look = match Look::at(Folder::new(folder)) {
        Ok(look) => look,
        Err(ReadError::Damaged(damage)) => {
            if json {
                report::write(out, &report::damage(&damage))?;
            }
            eprintln!("{damage}");
            return Ok(DAMAGED);
        }
        Err(error) => {
            eprintln!("{error}");
            return Ok(NOT_READ);
        }
    };
    match (what, json) {
        ("export", _) => report::export(out, &look)?,
        ("inspect", false) => report::inspect(out, &look)?,
        ("inspect", true) => report::write(out, &report::inspect_json(&look))?,
        (_, false) => report::verify(out, &look)?,
        (_, true) => report::write(out, &report::verify_json(&look))?,
    }
    Ok(if look.torn().is_some() { TORN } else { 0 })
}

fn holds_journal(folder: &Path) -> bool {
    let entries = folder.read_dir().into_iter().flatten().flatten();
    let mut names = entries.map(|entry| entry.file_name());
    names.any(|name| name.to_string_lossy().ends_with(".log"))
}
