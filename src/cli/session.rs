//! A connection to the manifest's server, and plans made over it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::api::{ReadApi, WriteApi};
use crate::check::{Checked, check};
use crate::clock::{Clock, Countdown};
use crate::compare;
use crate::desired::DesiredVersion;
use crate::http::{Client, ClientOptions, HttpError};
use crate::local::{Running, ServeOptions};
use crate::model::{Field, OpenDraft, RecordId, Server, ServerKind, Value};
use crate::observed::{GrantLookup, Observed, View};
use crate::plan::{Decisions, Plan, Policy, Readers, plan};
use crate::refresh::{Question, refresh};

use super::credential;
use super::environment;
use super::exit_code::ExitCode;
use super::failure::Failure;
use super::outcome;
use super::project::{Gathered, Project};

/// How long to wait for a server, and by which clock.
pub(super) struct Reach {
    /// The time.
    pub(super) clock: Clock,
    /// How long nothing may be heard.
    pub(super) silence: Duration,
    /// The time that the run has.
    pub(super) limit: Countdown,
}

/// A connection; the local server runs as long as it is there.
pub(super) struct Session {
    client: Client,
    running: Option<Running>,
}

impl Session {
    /// Connects to the project's server; starts the local one where that is meant.
    ///
    /// # Errors
    /// A [`Failure`] when there is no token, or the local server can't start.
    pub(super) async fn connect(project: &Project) -> Result<Self, Failure> {
        if project.server.kind == ServerKind::Local {
            return Self::rehearsal(project).await;
        }
        let token = credential::token(&host_of(&project.server)?, &project.server.url)?;
        Self::remote(&project.server, Some(token), &reach(project))
    }

    /// Connects to the project's server to read: as its user where there is a token, else as anybody.
    ///
    /// # Errors
    /// Those of [`Self::connect`], but for the missing token.
    pub(super) async fn reading(project: &Project) -> Result<(Self, View), Failure> {
        if project.server.kind == ServerKind::Local {
            return Ok((Self::rehearsal(project).await?, View::Owner));
        }
        match credential::find(&host_of(&project.server)?)? {
            Some(token) => {
                let session = Self::remote(&project.server, Some(token), &reach(project))?;
                Ok((session, View::Owner))
            }
            None => Ok((Self::anonymous(project).await?, View::Public)),
        }
    }

    /// Connects to the project's server as anybody: no credential is looked for.
    ///
    /// # Errors
    /// Those of [`Self::connect`], but for the token.
    pub(super) async fn anonymous(project: &Project) -> Result<Self, Failure> {
        if project.server.kind != ServerKind::Local {
            return Self::remote(&project.server, None, &reach(project));
        }
        let Self { running, .. } = Self::rehearsal(project).await?;
        let base = running.as_ref().map_or("", Running::base_url);
        Ok(Self { client: client(&reach(project), base, None)?, running })
    }

    /// Starts the local server of a project.
    async fn rehearsal(project: &Project) -> Result<Self, Failure> {
        let communities = project.manifest.communities.iter();
        let communities = communities.map(|community| community.value.0.clone()).collect();
        Self::local(project.zrel_dir()?.join("local"), communities, &reach(project)).await
    }

    /// Starts the local server, with its data in this folder.
    ///
    /// # Errors
    /// A [`Failure`] when it can't start.
    pub(super) async fn local(
        data: PathBuf,
        communities: Vec<String>,
        reach: &Reach,
    ) -> Result<Self, Failure> {
        let options =
            ServeOptions { communities, clock: reach.clock.clone(), ..ServeOptions::new(data) };
        let running = crate::local::start(options).await;
        let running = running.map_err(|error| outcome::of_local(&error))?;
        let token = secrecy::SecretString::from(running.token().to_owned());
        let client = client(reach, running.base_url(), Some(token))?;
        Ok(Self { client, running: Some(running) })
    }

    /// Connects to another server, also without a token: then what is public can be read.
    ///
    /// # Errors
    /// A [`Failure`] for an address that nothing is sent to.
    pub(super) fn remote(
        server: &Server,
        token: Option<secrecy::SecretString>,
        reach: &Reach,
    ) -> Result<Self, Failure> {
        Ok(Self { client: client(reach, &server.url, token)?, running: None })
    }

    /// Returns what can only read.
    pub(super) fn read(&self) -> ReadApi {
        ReadApi::new(self.client.clone())
    }

    /// Returns what can write.
    pub(super) fn write(&self) -> WriteApi {
        WriteApi::new(self.client.clone())
    }

    /// Returns a link to a draft's page on the local server, which signs a browser in once; none
    /// for other servers.
    pub(super) async fn sign_in_link(&self, draft: RecordId) -> Option<String> {
        let running = self.running.as_ref()?;
        running.sign_in_link(&format!("/uploads/{draft}")).await
    }

    /// Ends the session; the local server ends when nobody else uses it.
    pub(super) async fn close(self) {
        if let Some(running) = self.running {
            running.stop().await;
        }
    }

    /// Reads all that a plan needs from the server.
    ///
    /// # Errors
    /// A [`Failure`] when the server can't be asked.
    pub(super) async fn observe(
        &self,
        gathered: &Gathered,
        policy: &Policy,
    ) -> Result<Observed, Failure> {
        self.ask(&question(gathered, policy)).await
    }

    /// Reads what a question is about.
    ///
    /// # Errors
    /// A [`Failure`] when the server can't be asked.
    pub(super) async fn ask(&self, question: &Question) -> Result<Observed, Failure> {
        refresh(&self.read(), question).await.map_err(|error| outcome::of_refresh(&error))
    }
}

fn reach(project: &Project) -> Reach {
    Reach { clock: project.clock.clone(), silence: project.silence, limit: project.limit.clone() }
}

fn client(
    reach: &Reach,
    base: &str,
    token: Option<secrecy::SecretString>,
) -> Result<Client, Failure> {
    let options = ClientOptions::new(base, token, reach.clock.clone());
    let options = ClientOptions { silence: reach.silence, limit: reach.limit.clone(), ..options };
    Client::new(options).map_err(|error| {
        let code = match &error {
            HttpError::Insecure(_) => ExitCode::Invalid,
            HttpError::Token => ExitCode::Credentials,
            HttpError::OtherOrigin(_)
            | HttpError::Setup(_)
            | HttpError::Unsent(_)
            | HttpError::Certificate(_)
            | HttpError::Lost(_)
            | HttpError::Silence(_)
            | HttpError::Dripping { .. }
            | HttpError::NotBegun(_)
            | HttpError::OutOfTime(_)
            | HttpError::TooSlow(_)
            | HttpError::TooLarge(_)
            | HttpError::Redirects
            | HttpError::File(_)
            | HttpError::Kept(_) => ExitCode::Failed,
        };
        Failure::of(code, &error)
    })
}

/// Returns the host of a server, with its port where its address names one.
pub(super) fn host_of(server: &Server) -> Result<String, Failure> {
    let invalid =
        || Failure::new(ExitCode::Invalid, format!("`{}` is no address of a server", server.url));
    let url = url::Url::parse(&server.url).map_err(|_| invalid())?;
    let host = url.host_str().ok_or_else(invalid)?;
    Ok(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

/// Returns the policy that flags, journal and environment make.
pub(super) fn policy(project: &Project, gathered: &Gathered, decisions: Decisions) -> Policy {
    let unfinished = gathered.leftover.as_ref().map(|leftover| leftover.unfinished.clone());
    Policy {
        decisions,
        no_publish: decisions.no_publish,
        initial: decisions.initial,
        same_title: decisions.same_title,
        adopt_draft: decisions.adopt_draft,
        over: decisions.over,
        ask_again: decisions.ask_again,
        unfinished,
        readers: if environment::is_ci() { Readers::Everybody } else { Readers::Owner },
        ..Policy::on(project.clock.today().to_string())
    }
}

fn question(gathered: &Gathered, policy: &Policy) -> Question {
    let desired = &gathered.desired;
    let remembered = gathered.binding.record.as_ref();
    let unfinished = policy.unfinished.as_ref();
    let published = gathered.leftover.as_ref().and_then(|leftover| leftover.published);
    let adopted = policy.adopt_draft.map(OpenDraft::Version);
    let concept = gathered.binding.concept.map(|(concept, _)| concept);
    let grants = match desired.metadata.get(Field::Grants) {
        Some(Value::List(grants)) => grants.clone(),
        _ => Vec::new(),
    };
    // As the server keeps it: that is what its listing shows.
    let returned = compare::as_returned(&desired.metadata);
    let text = |field| returned.text(field).unwrap_or_default().to_owned();
    let label = match &desired.version {
        DesiredVersion::Label(label) | DesiredVersion::Tag(label) => Some(label.as_str()),
        DesiredVersion::None | DesiredVersion::KnownAtTag => None,
    };
    let versions = remembered.into_iter().flat_map(|record| &record.versions);
    let labelled = versions.filter(|(_, known)| Some(known.as_str()) == label);
    let asked = remembered.into_iter().flat_map(|record| &record.asked);
    let asked_about =
        asked.filter(|(slug, _)| desired.communities.contains(slug)).map(|(_, version)| *version);
    Question {
        labelled: labelled.map(|(id, _)| *id).collect(),
        concept,
        last: published.or(remembered.and_then(|record| record.last)),
        draft: unfinished
            .and_then(|unfinished| unfinished.draft)
            .or(remembered.and_then(|record| record.draft))
            .or(adopted.filter(|_| concept.is_none())),
        title: text(Field::Title),
        description: text(Field::Description),
        create_id: unfinished
            .filter(|unfinished| unfinished.creating)
            .and_then(|unfinished| unfinished.create_id.clone()),
        communities: desired.communities.clone(),
        asked_about: asked_about.flatten().collect(),
        grants,
    }
}

/// Makes and checks a plan.
pub(super) fn make_plan(gathered: &Gathered, observed: &Observed, policy: &Policy) -> Checked {
    let plan = plan(&gathered.desired, observed, &gathered.binding, policy);
    let mut checked =
        check(Plan { noted: gathered.noted.clone(), ..plan }).called(&gathered.called);
    checked.add(gathered.findings.iter().cloned());
    checked
}

/// Returns the ids under which known grants come back.
pub(super) fn grants(observed: &Observed) -> BTreeMap<String, String> {
    observed
        .grants
        .iter()
        .filter_map(|(sent, lookup)| match lookup {
            GrantLookup::Known(returned) => Some((sent.clone(), returned.clone())),
            GrantLookup::Unknown => None,
        })
        .collect()
}
