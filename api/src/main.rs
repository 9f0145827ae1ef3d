//! The binary `yidan`; everything it does stands in the library.

use std::process::ExitCode;

#[actix_web::main]
async fn main() -> ExitCode {
    match yidan::cli::main().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("yidan: {error}");
            // 1 says that evidence is broken and nothing else; whatever kept the program from its work is 2.
            if error.is::<yidan::cli::EvidenceBroken>() { ExitCode::FAILURE } else { ExitCode::from(2) }
        }
    }
}
