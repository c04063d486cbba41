import type { MailBody, MailLanguage } from "./layout.ts";

/** Which mail, with what it tells (spec 08c §6.2). */
export type Message =
  | { readonly about: "user_invitation"; readonly organization: string; readonly greeter: string; readonly url: string }
  | { readonly about: "device_invitation"; readonly organization: string; readonly url: string }
  | {
      readonly about: "shamir_invitation";
      readonly organization: string;
      readonly greeter: string;
      readonly url: string;
    }
  | { readonly about: "account_creation" | "account_deletion" | "account_recovery"; readonly code: string }
  | {
      readonly about: "enrollment_accepted";
      readonly organization: string;
      readonly user: string;
      readonly url: string;
    }
  | { readonly about: "totp_reset"; readonly organization: string; readonly url: string };

export function messageBody(message: Message, language: MailLanguage): MailBody {
  return language === "fr" ? french(message) : english(message);
}

const paragraph = (text: string) => ({ kind: "paragraph", text }) as const;
const code = (text: string) => ({ kind: "code", code: text }) as const;

function english(message: Message): MailBody {
  const link = (lead: string, label: string, url: string) => ({ kind: "link", lead, label, url }) as const;
  const validity = paragraph("This code is valid for one hour. If you did not ask for it, ignore this message.");
  switch (message.about) {
    case "user_invitation":
      return {
        subject: `[Parsec] ${message.greeter} invited you to ${message.organization}`,
        blocks: [
          paragraph(`${message.greeter} invites you to join the organization ${message.organization}.`),
          link("Open this link to accept the invitation:", "Accept the invitation", message.url),
        ],
      };
    case "device_invitation":
      return {
        subject: `[Parsec] New device invitation to ${message.organization}`,
        blocks: [
          paragraph(`You asked to add a device to your account in the organization ${message.organization}.`),
          link("Open this link on the new device:", "Add this device", message.url),
        ],
      };
    case "shamir_invitation":
      return {
        subject: `[Parsec] ${message.greeter} invited you to ${message.organization}`,
        blocks: [
          paragraph(`${message.greeter} helps you recover your access to the organization ${message.organization}.`),
          link("Open this link to begin the recovery:", "Recover my access", message.url),
        ],
      };
    case "account_creation":
      return {
        subject: "Parsec Account: Confirm your email address",
        blocks: [paragraph("Type this code to confirm your e-mail address:"), code(message.code), validity],
      };
    case "account_deletion":
      return {
        subject: "Parsec Account: Confirm account deletion",
        blocks: [paragraph("Type this code to delete your account for good:"), code(message.code), validity],
      };
    case "account_recovery":
      return {
        subject: "Parsec Account: Confirm account recovery",
        blocks: [paragraph("Type this code to recover your account:"), code(message.code), validity],
      };
    case "enrollment_accepted":
      return {
        subject: `[Parsec] Your request to join ${message.organization} has been accepted`,
        blocks: [
          paragraph(`Hello ${message.user}, your request to join ${message.organization} has been accepted.`),
          link("Open Parsec to finish, on this server:", "The server", message.url),
        ],
      };
    case "totp_reset":
      return {
        subject: `[Parsec] Your MFA has been reset for ${message.organization}`,
        blocks: [
          paragraph(`Your one-time passwords for the organization ${message.organization} have been reset.`),
          link("Open this link to set them up again:", "Set up one-time passwords", message.url),
        ],
      };
  }
}

function french(message: Message): MailBody {
  const link = (lead: string, label: string, url: string) => ({ kind: "link", lead, label, url }) as const;
  const validity = paragraph("Ce code est valable une heure. Si vous ne l'avez pas demandé, ignorez ce message.");
  switch (message.about) {
    case "user_invitation":
      return {
        subject: `[Parsec] ${message.greeter} vous invite à rejoindre ${message.organization}`,
        blocks: [
          paragraph(`${message.greeter} vous invite à rejoindre l'organisation ${message.organization}.`),
          link("Ouvrez ce lien pour accepter l'invitation :", "Accepter l'invitation", message.url),
        ],
      };
    case "device_invitation":
      return {
        subject: `[Parsec] Invitation d'un nouvel appareil dans ${message.organization}`,
        blocks: [
          paragraph(`Vous avez demandé à ajouter un appareil dans l'organisation ${message.organization}.`),
          link("Ouvrez ce lien sur le nouvel appareil :", "Ajouter cet appareil", message.url),
        ],
      };
    case "shamir_invitation":
      return {
        subject: `[Parsec] ${message.greeter} vous invite à rejoindre ${message.organization}`,
        blocks: [
          paragraph(`${message.greeter} vous aide à retrouver votre accès à l'organisation ${message.organization}.`),
          link("Ouvrez ce lien pour commencer :", "Retrouver mon accès", message.url),
        ],
      };
    case "account_creation":
      return {
        subject: "Compte Parsec : confirmez votre adresse e-mail",
        blocks: [paragraph("Saisissez ce code pour confirmer votre adresse e-mail :"), code(message.code), validity],
      };
    case "account_deletion":
      return {
        subject: "Compte Parsec : confirmez la suppression du compte",
        blocks: [paragraph("Saisissez ce code pour supprimer votre compte :"), code(message.code), validity],
      };
    case "account_recovery":
      return {
        subject: "Compte Parsec : confirmez la récupération du compte",
        blocks: [paragraph("Saisissez ce code pour récupérer votre compte :"), code(message.code), validity],
      };
    case "enrollment_accepted":
      return {
        subject: `[Parsec] Votre demande pour rejoindre ${message.organization} est acceptée`,
        blocks: [
          paragraph(`Bonjour ${message.user}, votre demande pour rejoindre ${message.organization} est acceptée.`),
          link("Ouvrez Parsec pour terminer, sur ce serveur :", "Le serveur", message.url),
        ],
      };
    case "totp_reset":
      return {
        subject: `[Parsec] Vos mots de passe à usage unique sont réinitialisés dans ${message.organization}`,
        blocks: [
          paragraph(`Vos mots de passe à usage unique de l'organisation ${message.organization} sont réinitialisés.`),
          link("Ouvrez ce lien pour les configurer à nouveau :", "Configurer", message.url),
        ],
      };
  }
}
