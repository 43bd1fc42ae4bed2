//! What `kyc listen` is told by its options, and else by the table `[listen]`.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use kyc_br::config::{ListenConfig, Section};
use kyc_core::{ConfigTable, ValidationError, WebhookSource};
use kyc_webhook::ReceiverBuilder;

use super::Args;
use crate::config::webhook_variables;
use crate::failure::{Failure, io_words};
use crate::forward::Forwarder;

const DEFAULT_ADDRESS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8760);

pub(super) struct Settings<'a> {
    args: &'a Args,
    table: Option<ConfigTable>,
    config: ListenConfig,
}

impl<'a> Settings<'a> {
    pub(super) fn read(args: &'a Args) -> Result<Self, Failure> {
        // What is configured is for real events: simulated ones are not forwarded there.
        let table =
            if args.source.wants_sandbox() { None } else { args.source.files().section(Section::LISTEN)? };
        let config = table.as_ref().map(ConfigTable::read).transpose().map_err(Failure::client)?;
        Ok(Self { args, table, config: config.unwrap_or_default() })
    }

    pub(super) fn address(&self) -> Result<SocketAddr, Failure> {
        let configured = match &self.config.address {
            Some(text) => text.parse().map_err(|_| {
                let rule = "must be an address and a port, as 127.0.0.1:8760";
                self.wrong(false, "--address", "address", ValidationError::new(rule))
            })?,
            None => DEFAULT_ADDRESS,
        };
        Ok(self.args.address.unwrap_or(configured))
    }

    pub(super) fn public_url(&self) -> Option<String> {
        self.args.public_url.clone().or_else(|| self.config.public_url.clone())
    }

    pub(super) fn forwarder(&self) -> Result<Option<Forwarder>, Failure> {
        let given = self.args.forward_to.as_ref();
        let url = given.or(self.config.forward_to.as_ref());
        let forwarder = url.map(|url| Forwarder::new(url, self.args.allow_plain_http)).transpose();
        forwarder.map_err(|rule| self.wrong(given.is_some(), "--forward-to", "forward_to", rule))
    }

    /// Returns the receivers of all webhooks that are configured.
    pub(super) fn configured(&self) -> Result<Vec<Arc<dyn WebhookSource>>, Failure> {
        let mut sources = Vec::new();
        for (integration, table) in self.args.source.files().tables()? {
            sources.extend(integration.webhooks(&table).map_err(Failure::client)?);
        }
        if sources.is_empty() {
            let variables = webhook_variables();
            return Err(Failure::setup(|t| (t.listen.no_sources)(&variables)));
        }
        Ok(sources)
    }

    /// Returns those of the sources that were named, or all if none was.
    pub(super) fn chosen(
        &self,
        sources: Vec<Arc<dyn WebhookSource>>,
    ) -> Result<Vec<Arc<dyn WebhookSource>>, Failure> {
        let is_option = !self.args.sources.is_empty();
        let named = if is_option { &self.args.sources } else { &self.config.sources };
        let names: Vec<_> = sources.iter().map(|source| source.name()).collect();
        if named.iter().any(|name| !names.contains(&name.as_str())) {
            let rule = format!("must be one of those that are configured: {}", names.join(", "));
            return Err(self.wrong(is_option, "--source", "sources", ValidationError::new(rule)));
        }
        let is_chosen = |source: &Arc<dyn WebhookSource>| {
            named.is_empty() || named.iter().any(|name| name == source.name())
        };
        Ok(sources.into_iter().filter(is_chosen).collect())
    }

    pub(super) fn builder(&self, builder: ReceiverBuilder, root: &str) -> Result<ReceiverBuilder, Failure> {
        let is_option = self.args.public_url.is_some();
        let builder = builder.public_url(root);
        let builder = builder.map_err(|rule| self.wrong(is_option, "--public-url", "public_url", rule))?;
        let is_option = !self.args.trusted_proxies.is_empty();
        let proxies = if is_option { &self.args.trusted_proxies } else { &self.config.trusted_proxies };
        let builder = builder.trusted_proxies(proxies);
        builder.map_err(|rule| self.wrong(is_option, "--trusted-proxy", "trusted_proxies", rule))
    }

    /// Returns the failure of a setting that violates a rule: that of the option, or of the key of the table.
    fn wrong(&self, is_option: bool, option: &str, key: &str, rule: ValidationError) -> Failure {
        match &self.table {
            Some(table) if !is_option => Failure::client(table.invalid(&[key], rule.rule())),
            _ => Failure::refused(|_| option.to_owned(), ValidationError::new(rule.rule().to_owned())),
        }
    }
}

pub(super) fn cannot_listen(address: SocketAddr, error: &io::Error) -> Failure {
    Failure::setup(|t| (t.listen.cannot_listen)(&address.to_string(), &io_words(t, error.kind())))
}
