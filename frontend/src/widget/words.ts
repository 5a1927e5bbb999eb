/* What visitors read. The page of any site embeds the widget, so the words travel with the script. */

const RU = {
  open: "Открыть чат",
  close: "Закрыть чат",
  title: "Чат",
  write: "Напишите сообщение",
  send: "Отправить",
  name: "Как к вам обращаться",
  phone: "Телефон, если удобно",
  agree: "Согласен на обработку имени, телефона и переписки, чтобы мне ответили",
  start: "Начать разговор",
  sending: "отправляется",
  lost: "Нет связи. Сообщения уйдут, как только она появится.",
  you: "Вы",
  fresh: (n: number) => `Новых сообщений: ${n}`,
  file: "Приложить файл",
  typing: "Печатает ответ",
  read: "прочитано",
  errors: {
    name: "Напишите, как к вам обращаться.",
    phone: "Такого телефона нет. Напишите его как +7 917 000-41-08 или оставьте пустым.",
    consent: "Без согласия мы не можем принять сообщение.",
    length: "Сообщение слишком длинное.",
    slower: "Слишком быстро. Подождите немного.",
    later: "Не получилось сохранить, попробуем ещё раз.",
    file_large: "Файл больше 10 МБ.",
    file_empty: "Файл пустой.",
    file_kind: "Подойдут PDF, JPG, PNG, WebP, документы Word и Excel, ODT и ZIP.",
    file_lost: "Файл не ушёл. Попробуйте ещё раз.",
  } as Record<string, string>,
};

const EN: typeof RU = {
  open: "Open the chat",
  close: "Close the chat",
  title: "Chat",
  write: "Write a message",
  send: "Send",
  name: "Your name",
  phone: "Phone, if you like",
  agree: "I agree that my name, phone and messages are kept so that I can be answered",
  start: "Start",
  sending: "sending",
  lost: "No connection. Messages will go as soon as it is back.",
  you: "You",
  fresh: (n: number) => `New messages: ${n}`,
  file: "Add a file",
  typing: "Typing an answer",
  read: "read",
  errors: {
    name: "Write how to address you.",
    phone: "There is no such phone. Write it like +7 917 000-41-08 or leave it empty.",
    consent: "Without your agreement we cannot take a message.",
    length: "The message is too long.",
    slower: "Too fast. Wait a moment.",
    later: "It could not be kept; we will try again.",
    file_large: "The file is larger than 10 MB.",
    file_empty: "The file is empty.",
    file_kind: "PDF, JPG, PNG, WebP, Word and Excel documents, ODT and ZIP are fine.",
    file_lost: "The file did not go. Try again.",
  },
};

export type Words = typeof RU;

export function words(language: string): Words {
  return language.toLowerCase().startsWith("ru") ? RU : EN;
}
