//! The command `reset`: removes the data.

use std::error::Error;
use std::io::{self, IsTerminal as _, Write as _};

use crate::cli::Reset;
use crate::home::Home;
use crate::say;

/// Removes the data after a confirmation. The keys are kept, so that tokens stay valid.
///
/// # Errors
/// If a server uses the data, if it belongs to another program, or if there is no terminal for the confirmation.
pub(crate) fn run(options: &Reset) -> Result<(), Box<dyn Error>> {
    let home = Home::find()?;
    let path = home.data_path(options.data.as_deref());
    if !path.try_exists()? {
        say(format_args!("There is no data to remove: {} does not exist.", path.display()));
        return Ok(());
    }
    // Holds the lock until the files are removed, so that no server starts on them.
    let data = home.take_data(options.data.as_deref())?;
    let path = data.path().to_owned();
    if !options.yes {
        if !io::stdin().is_terminal() {
            return Err("reset asks before it removes data, and there is no terminal to ask in; add --yes".into());
        }
        write!(io::stdout(), "Remove all data in {}? The key is kept. [y/N] ", path.display())?;
        io::stdout().flush()?;
        let mut answer = String::new();
        io::stdin().read_line(&mut answer)?;
        if !["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str()) {
            say("Nothing was removed.");
            return Ok(());
        }
    }
    data.remove()?;
    say(format_args!("Removed the data in {}. The key is kept: tokens stay valid.", path.display()));
    Ok(())
}
